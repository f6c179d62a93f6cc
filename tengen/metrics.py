"""A training's reports: one `Tick` per iteration of its loop, and the sinks that receive it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from tengen.checkpoint import Tree

TIMES = ("seconds", "rate", "time/")  # prefixes of the columns that differ from machine to machine
COMPILING = "compiling"  # the stage that counts in no rate: it comes once
_NOT_REPEATABLE = (*TIMES, "outside", "worker/")  # and of what programs from outside did, which may draw their moves


class Tick(NamedTuple):
    """The state of a training at the end of one iteration of its loop."""

    step: int  # environment steps so far, over all games
    metrics: dict[str, float]  # same seed, same numbers: no times in here
    seconds: dict[str, float]  # stage -> seconds since the last tick: environment, acting, learning


class Trainer(Protocol):
    """The interface of a learner that the driving loop (tengen/drive.py) needs."""

    @property
    def step(self) -> int: ...

    def ticks(self) -> Iterator[Tick]: ...

    def state(self) -> Tree: ...

    def load(self, tree: Tree) -> None: ...


class Sink(Protocol):
    """A receiver of a run's rows: a display, Weights & Biases."""

    def row(self, row: dict[str, Any]) -> None: ...

    def close(self, card: dict[str, Any] | None) -> None: ...


def same_metrics(row: dict[str, Any]) -> dict[str, Any]:
    """A row without its times: what two runs with the same seed have in common."""
    return {k: v for k, v in row.items() if not k.startswith(_NOT_REPEATABLE)}


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
