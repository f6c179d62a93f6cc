"""Where Ray runs, and who may use it. No Ray in here: what is set has to be set before it is imported.

    local         started for this run on this machine: on loopback, with a token that nobody else knows
    HOST:PORT     a cluster that is running already; `auto` finds the one on this machine

Whoever can talk to a Ray cluster can run any code on it. A token (Ray 2.52 and later) is what keeps others out; it does
not encrypt (docs/scaling.md).
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from tengen.errors import UserError

LOCAL = "local"


@dataclass(frozen=True)
class Cluster:
    """A Ray cluster to start or to join."""

    address: str = LOCAL
    no_token: bool = False  # join one that has no token

    @property
    def is_local(self) -> bool:
        return self.address == LOCAL

    def prepare(self) -> None:
        """Set the environment in which Ray is imported. UserError where a cluster is to be joined without a token."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to Ray's makers
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # a worker without a GPU of its own sees none
        if self.is_local:
            os.environ["RAY_AUTH_MODE"] = "token"
            os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
            # Despite its name: Ray takes 127.0.0.1 for this machine's address, and all its servers listen there only.
            os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        elif self.no_token:
            os.environ["RAY_AUTH_MODE"] = "disabled"
        elif token_source() is None:
            raise UserError(
                f"no token for the Ray cluster at {self.address}: set RAY_AUTH_TOKEN, or RAY_AUTH_TOKEN_PATH to a file"
                " that holds it; --ray-no-token joins a cluster that has none (docs/scaling.md)"
            )
        else:
            os.environ["RAY_AUTH_MODE"] = "token"


def token_source() -> str | None:
    """Where Ray would find a token: in the environment, in the file it names, or in the usual one. None: nowhere."""
    if os.environ.get("RAY_AUTH_TOKEN", "").strip():
        return "RAY_AUTH_TOKEN"
    path = Path(os.environ.get("RAY_AUTH_TOKEN_PATH") or Path.home() / ".ray" / "auth_token")
    try:
        return str(path) if path.read_text().strip() else None
    except (OSError, UnicodeDecodeError):
        return None
