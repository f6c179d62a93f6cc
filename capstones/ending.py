"""Treat SIGTERM like Ctrl-C: child processes are ended and copies removed before the command ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ends_tidily() -> Iterator[None]:
    """While it holds, SIGTERM raises KeyboardInterrupt, as Ctrl-C does. Outside of the first thread it does nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def handlers_kept() -> Iterator[None]:
    """Puts back afterwards what SIGINT and SIGTERM do: a notebook's kernel, while it is waited for, sets them anew."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
