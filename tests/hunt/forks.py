"""Runs inputs in separate processes and records their output, exit status and cost."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PROMISED = (0, 1, 2, 129, 130, 143)  # done; a check failed; user error; stopped by a signal after saving
_CRASHED = 70
_MOST_MEMORY = 4 << 20  # kB resident
_SLICE = 0.005
_AT_ONCE = 10.0  # seconds in which Ctrl-C ends a training that is in a long step


@dataclass(frozen=True)
class Ended:
    """How one process ended."""

    status: int  # exit status, or minus the signal that killed it
    said: str
    seconds: float
    megabytes: float
    asked: bool  # whether it was asked to stop because its time was up
    hung: bool = False  # and did not stop

    def guilt(self) -> str:
        """What is wrong; empty if nothing is."""
        if self.hung:
            return "hang"
        if "Traceback (most recent call last)" in self.said or self.status == _CRASHED:
            return "traceback"
        if self.status < 0 and not (self.asked and self.status in (-signal.SIGTERM, -signal.SIGINT)):
            return f"signal {-self.status}"
        if self.status >= 0 and self.status not in PROMISED:
            return f"exit status {self.status}"
        if self.megabytes > _MOST_MEMORY / 1024:
            return f"{self.megabytes:,.0f} MB"
        if self.status == 2 and not self.said.strip():
            return "refused without a word"
        return ""


def run(action: Callable[[], int], folder: Path, seconds: float, patience: float = 60.0) -> Ended:
    """Run `action` in a fork of this process, in `folder`; after `seconds` send it SIGTERM.

    A training finishes its step first, unless Ctrl-C comes, too: it does `patience` seconds later. What has not ended
    then hangs. The process group is killed in any case.
    """
    log = folder.parent / f"{folder.name}.log"
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        _be_the_child(action, folder, log)
    asked = told = hung = False
    found = 0
    try:
        while True:
            found, code, used = os.wait4(child, os.WNOHANG)
            if found:
                break
            passed = time.monotonic() - begun
            if passed > seconds and not asked:
                asked = True
                os.kill(child, signal.SIGTERM)
            if passed > seconds + patience and not told:
                told = True
                os.kill(child, signal.SIGINT)
            if passed > seconds + patience + _AT_ONCE and not hung:
                hung = True
                os.kill(child, signal.SIGKILL)
            time.sleep(_SLICE)
    except BaseException:  # a test's time limit, Ctrl-C
        if not found:
            _kill(child)
        raise
    with contextlib.suppress(OSError):
        os.killpg(child, signal.SIGKILL)  # anything it left running
    said = log.read_text(errors="replace") if log.exists() else ""
    log.unlink(missing_ok=True)
    status = os.waitstatus_to_exitcode(code)
    return Ended(status, said, time.monotonic() - begun, used.ru_maxrss / 1024, asked, hung)


def _kill(child: int) -> None:
    try:
        os.killpg(child, signal.SIGKILL)
    except OSError:  # it does not have its own group yet
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _be_the_child(action: Callable[[], int], folder: Path, log: Path) -> None:
    status = _CRASHED
    try:
        os.setsid()
        os.chdir(folder)
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdin = open(0)  # noqa: SIM115
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        faulthandler.enable()
        status = action()
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status & 0xFF)


def run_all(actions: Sequence[Callable[[], None]], folder: Path, seconds: float) -> list[tuple[int, Ended]]:
    """Run all `actions` in as few forks as possible; return (index, how it ended) of those that failed.

    An action should return; anything it raises counts as a traceback. `seconds` is per action.
    """
    guilty, first = [], 0
    mark = folder / "at"
    while first < len(actions):

        def batch(first: int = first) -> int:
            handle = os.open(mark, os.O_WRONLY | os.O_CREAT)
            for i in range(first, len(actions)):
                os.pwrite(handle, f"{i:9}".encode(), 0)
                actions[i]()
            os.pwrite(handle, f"{len(actions):9}".encode(), 0)
            return 0

        ended = run(batch, folder, seconds * (len(actions) - first) + 30, 1.0)
        at = int(mark.read_text())
        if at >= len(actions):
            break
        guilty.append((at, ended))
        first = at + 1
    mark.unlink(missing_ok=True)
    return guilty
