"""Join a Ray cluster: one started here, or one that is already running (tengen/cluster.py)."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tengen.cluster import Cluster
from tengen.device import cores
from tengen.errors import UserError, first_line


@dataclass
class Connection:
    """This process's membership of a Ray cluster, until `close`."""

    started: bool  # by us: then it ends with us
    folder: Any = None  # of a cluster that was started here: sockets and logs

    def close(self) -> None:
        import ray

        if self.started:
            ray.shutdown()
        if self.folder is not None:
            self.folder.cleanup()


def connect(cluster: Cluster, cpus: float = 0.0, *, object_store: int | None = None) -> Connection:
    """Start a Ray cluster here or join one; if this process is already part of one, use that.

    A cluster started here offers at least `cpus`, if need be more than there are, and `object_store` bytes of shared
    memory. UserError where Ray is missing, nobody answers, or the token is refused.
    """
    if "ray" in sys.modules and sys.modules["ray"].is_initialized():
        return Connection(started=False)
    address = cluster.prepare()
    try:
        import ray
    except ImportError:
        raise UserError("workers need Ray, which is not installed: pip install 'tengen[ray]'") from None
    # Ray prints a paragraph to the terminal for every lost worker; the pool has a line for it.
    ray._private.worker.print_to_stdstream = lambda *args, **kwargs: None  # type: ignore[attr-defined]
    folder = None
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error", "configure_logging": False}
    try:
        if not address:
            folder = tempfile.TemporaryDirectory(prefix="tengen-ray-", ignore_cleanup_errors=True)
            ray.init(
                num_cpus=max(cores(), int(cpus + 0.999)),
                include_dashboard=False,
                object_store_memory=object_store,
                _temp_dir=folder.name,
                _node_ip_address="127.0.0.1",
                **quiet,
            )
        else:
            with _silent():
                ray._raylet.GcsClient(address=address)  # type: ignore[attr-defined]  # with a wrong token, init hangs
            ray.init(address=address, **quiet)
    except ray.exceptions.AuthenticationError:
        way_out = "RAY_AUTH_TOKEN must be the token it was started with"
        what = "asks for a token" if cluster.no_token else "refuses the token"
        raise UserError(f"the Ray cluster at {address} {what}: {way_out}") from None
    except Exception as error:  # Ray raises plain ones too, such as when a busy machine takes too long to start it
        what = f"cannot join the Ray cluster at {cluster.address}" if address else "Ray did not start here"
        raise UserError(f"{what}: {first_line(error)}") from None
    return Connection(True, folder)


@contextmanager
def _silent() -> Iterator[None]:
    """Suppress whatever C++ code writes to standard error."""
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
