"""Kernel compile time is a separate stage and does not count towards any rate."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from numba.core import event

from tengen.compiling import Clock, without_compiling
from tengen.drive import drive
from tengen.metrics import COMPILING, Stopwatch, Tick
from tengen.run import Run
from tests.tengen.test_drive import Counting


def test_helpers_within_a_kernel_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter((10.0, 14.0, 20.0, 21.0))  # read when the outermost compilation starts and ends
    monkeypatch.setattr(time, "perf_counter", lambda: next(times))
    clock = Clock()
    for what in (clock.on_start, clock.on_start, clock.on_end, clock.on_end, clock.on_start, clock.on_end):
        what(None)
    assert clock.seconds == 5


def test_compiling_is_taken_out_of_a_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    watch = Stopwatch()
    with without_compiling(watch, "learning"):
        now[0] += 1
        with event.trigger_event("numba:compile"):
            now[0] += 30
    with without_compiling(watch, "learning"):
        now[0] += 1
    assert watch.take() == {"learning": 2, COMPILING: 30}


def test_the_rate_is_that_of_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    class Compiled(Counting):
        def ticks(self) -> Iterator[Tick]:
            for tick in super().ticks():
                now[0] += 40 if tick.step == 10 else 2
                yield tick._replace(seconds={"learning": 2.0} | ({COMPILING: 38.0} if tick.step == 10 else {}))

    run = Run.create(tmp_path, "r", {}, {})
    drive(run, Compiled(), [])
    assert [row["rate"] for row in run.rows()] == [5.0] * 10
