"""Where Ray runs, and who may use it. Ray is not imported here: its environment must be set before the import.

    local         started for this run on this machine: on loopback, with a secret token
    HOST:PORT     a cluster that is already running; `auto` is the last one started on this machine

Anyone who can talk to a Ray cluster can run any code on it. A token (Ray 2.52 and later) keeps others out; it does not
encrypt (docs/scaling.md).
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tengen.errors import UserError

LOCAL = "local"
_LAST_STARTED = Path("/tmp/ray/ray_current_cluster")  # where `ray start` writes its address
_ONLY_LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"  # despite the name, 0 keeps all of Ray on 127.0.0.1


@dataclass(frozen=True)
class Cluster:
    """A Ray cluster to start or to join."""

    address: str = LOCAL
    no_token: bool = False  # join one that has no token

    @property
    def is_local(self) -> bool:
        return self.address == LOCAL

    def prepare(self) -> str:
        """Set the environment in which Ray is imported; the address to join (empty: start one).

        UserError where nobody answers, or where a cluster is to be joined without a token.
        """
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to Ray's makers
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "1")  # a worker without a GPU of its own sees none
        if self.is_local:
            os.environ["RAY_AUTH_MODE"] = "token"
            os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
            os.environ[_ONLY_LOOPBACK] = "0"
            return ""
        host, port = self._host_and_port()
        if _is_loopback(host) and not _answers(_own_address(), port):
            os.environ[_ONLY_LOOPBACK] = "0"
        if self.no_token:
            os.environ["RAY_AUTH_MODE"] = "disabled"
        elif token_source() is None:
            raise UserError(
                f"no token for the Ray cluster at {self.address}: set RAY_AUTH_TOKEN, or RAY_AUTH_TOKEN_PATH to a file"
                " that holds it; --ray-no-token joins a cluster that has none (docs/scaling.md)"
            )
        else:
            os.environ["RAY_AUTH_MODE"] = "token"
        return f"{host}:{port}"

    def _host_and_port(self) -> tuple[str, int]:
        """The address of a cluster that answers; Ray itself would retry for minutes."""
        address = self.address
        if address == "auto":
            address = _LAST_STARTED.read_text().strip() if _LAST_STARTED.is_file() else ""
            if not address:
                raise UserError("--ray auto: no cluster was started on this machine; start one: ray start --head")
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit() or "/" in host or not 0 < int(port) < 65536:
            raise UserError(f"--ray {self.address}: local, auto, or the HOST:PORT that ray start printed")
        if not _answers(host, int(port)):
            raise UserError(f"nothing answers at --ray {address}; start Ray there: ray start --head")
        return host, int(port)


def check_typed_again(settings: Mapping[str, Any], typed: str | None) -> None:
    """UserError if a run's saved `settings` name a cluster that was not `typed` in this call.

    It would get our token and run our code, and a file does not decide that.
    """
    address = settings.get("ray", LOCAL)
    elsewhere = settings.get("workers") or settings.get("learners", 1) > 1
    if elsewhere and address not in (LOCAL, typed):
        raise UserError(
            f"the run used the Ray cluster at {address}; to continue there, give it again: --ray {address}"
            " (or --ray local, or --workers 0 --learners 1)"
        )


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host.strip("[]"), port), timeout=5).close()
    except OSError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1", "[::1]")


def _own_address() -> str:
    """The address of this machine as others see it, which is also the one Ray uses."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # for datagrams this sends nothing, it only picks a way out
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def token_source() -> str | None:
    """Where Ray would find a token: in the environment, a file named there, or the default file. None: nowhere."""
    if os.environ.get("RAY_AUTH_TOKEN", "").strip():
        return "RAY_AUTH_TOKEN"
    path = Path(os.environ.get("RAY_AUTH_TOKEN_PATH") or Path.home() / ".ray" / "auth_token")
    try:
        return str(path) if path.read_text().strip() else None
    except (OSError, UnicodeDecodeError):
        return None
