"""The worker pool on a real Ray cluster: order, staleness, lost workers."""

from __future__ import annotations

import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import psutil
import pytest

from tengen.errors import UserError
from tengen.settings import Distributed
from tengen.workers import Pool
from tests.long import takes_long
from tests.ray import needs_ray

pytestmark = [needs_ray, pytest.mark.usefixtures("ray")]


class Counting:
    """Counts its units of work; returns which one, with which weights and in which process."""

    def __init__(self, slot: int, seconds: float = 0.02) -> None:
        self.slot, self.seconds, self.count, self.weight = slot, seconds, 0, -1.0

    def use(self, version: int, weights: Any) -> None:
        self.weight = float(weights["w"][0])

    def work(self, task: Any) -> tuple[Any, float]:
        time.sleep(self.seconds)
        self.count += 1
        return (self.count, self.weight, os.getpid()), 1.0

    def state(self) -> dict[str, Any]:
        return {"count": self.count}

    def load(self, state: dict[str, Any]) -> None:
        self.count = state["count"]


@pytest.fixture(params=[False, True], ids=["free", "sync"])
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    settings = Distributed(workers=3, sync=request.param, worker_cpus=0.1, worker_patience=4)
    made = Pool("tests.tengen.test_workers:Counting", [{"slot": i} for i in range(3)], settings)
    made.lines = []  # type: ignore[attr-defined]
    made.say = made.lines.append  # type: ignore[attr-defined]
    yield made
    made.close()


@takes_long
def test_every_unit_comes_once_and_in_order_whatever_dies(pool: Pool) -> None:
    """Two workers are killed and one is suspended along the way."""
    units: dict[int, list[int]] = defaultdict(list)
    stopped = 0
    for version in range(14):
        pool.publish(version, {"w": np.full(1000, version, np.float32)})
        results = pool.collect(3)
        assert len(results) >= 3
        for result in results:
            count, weight, _ = result.value
            units[result.slot].append(count)
            assert weight == result.version, "the weights are those of the version"
            assert version - result.version <= pool.settings.max_staleness
            if pool.settings.sync:
                assert result.version == version
        if pool.settings.sync:
            assert [result.slot for result in results] == [0, 1, 2]
        if version in (3, 6):
            os.kill(results[0].value[2], signal.SIGKILL)
        if version == 9:
            stopped = results[1].value[2]
            os.kill(stopped, signal.SIGSTOP)
    for counts in units.values():
        assert counts == list(range(1, len(counts) + 1))
    assert sum("was lost" in line for line in pool.lines) == 3  # type: ignore[attr-defined]
    deadline = time.monotonic() + 10
    while psutil.pid_exists(stopped) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not psutil.pid_exists(stopped), "the stopped one does not stay behind"


def test_a_pool_goes_on_from_the_states_of_another(pool: Pool) -> None:
    pool.publish(0, {"w": np.zeros(1, np.float32)})
    pool.load([{"count": 10}, {"count": 20}, {"count": 30}])
    found = {result.slot: result.value[0] for result in pool.collect(3)}
    assert all(found[slot] in (10 * slot + 11, 10 * slot + 12, 10 * slot + 13) for slot in found)


def test_gpus_that_are_not_here_are_said_at_once() -> None:
    settings = Distributed(workers=2, worker_gpus=1000.0)
    with pytest.raises(UserError, match="the workers need 2000 GPUs in all, and Ray finds"):
        Pool("tests.tengen.test_workers:Counting", [{"slot": 0}, {"slot": 1}], settings)
