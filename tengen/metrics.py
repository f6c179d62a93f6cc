"""What a training says of itself: one `Tick` a turn of its loop, and who listens to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol


class Tick(NamedTuple):
    """The state of a training at the end of one turn of its loop."""

    step: int  # environment steps so far, over all games
    metrics: dict[str, float]  # same seed, same numbers: no times in here
    seconds: dict[str, float]  # stage -> seconds since the last tick: environment, acting, learning


class Sink(Protocol):
    """Whoever wants the rows of a run: a display, Weights & Biases."""

    def row(self, row: dict[str, Any]) -> None: ...

    def close(self, card: dict[str, Any] | None) -> None: ...


class Stopwatch:
    """Seconds spent in named stages since the last `take`."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(stage, time.perf_counter() - start)

    def add(self, stage: str, seconds: float) -> None:
        self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds

    def take(self) -> dict[str, float]:
        seconds, self._seconds = self._seconds, {}
        return seconds
