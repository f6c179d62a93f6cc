"""Programs that we start end when we do, in any case: Ctrl-C, SIGTERM, SIGHUP, even kill -9.

A small helper process reads a pipe that only we write to. We tell it our process groups; when the pipe closes because
we are gone, it kills those that are left.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading

_SCRIPT = """
import os, signal, sys
for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
groups = set()
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""

_lock = threading.Lock()
_guard: subprocess.Popen[str] | None = None


def watch(group: int) -> None:
    """The process group `group` is killed when this process ends."""
    _tell(f"+{group}\n")


def forget(group: int) -> None:
    """`group` has ended: its number may come to belong to somebody else."""
    _tell(f"-{group}\n")


def _tell(line: str) -> None:
    global _guard
    with _lock, contextlib.suppress(OSError):  # without a guard the programs are still ended by their owners
        if _guard is None:
            _guard = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _SCRIPT],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
        assert _guard.stdin is not None
        _guard.stdin.write(line)
        _guard.stdin.flush()
