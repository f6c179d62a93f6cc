"""How long kernels took to compile, so that estimates of the remaining time can leave it out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core import event

from tengen.metrics import COMPILING, Stopwatch


class Clock(event.Listener):
    """Seconds during which any thread was compiling a kernel."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._begun, self._running = 0.0, 0  # a kernel's helpers are compiled within it
        self._lock = threading.Lock()

    def on_start(self, _: Any) -> None:
        with self._lock:
            self._begun = self._begun if self._running else time.perf_counter()
            self._running += 1

    def on_end(self, _: Any) -> None:
        with self._lock:
            self._running -= 1
            if not self._running:
                self.seconds += time.perf_counter() - self._begun


_CLOCK = Clock()
event.register("numba:compile", _CLOCK)


@contextmanager
def without_compiling(watch: Stopwatch, stage: str) -> Iterator[None]:
    """Seconds of `stage`, and those of them in which kernels were compiled as a stage of their own."""
    before = _CLOCK.seconds
    try:
        with watch(stage):
            yield
    finally:
        if compiled := _CLOCK.seconds - before:
            watch.add(stage, -compiled)
            watch.add(COMPILING, compiled)
