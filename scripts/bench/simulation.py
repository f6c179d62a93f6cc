"""A training on real Ray actors in which nothing is computed: `tengen bench ray --simulate`.

Workers and learner sleep for as long as they would work, and send as many bytes as they would send, through the pool
of tengen/workers.py and Ray's object store. So what is real: actors, queues, object references, copies, waiting, who
waits for whom. What is not: arithmetic, and a network between machines.

    up to 8 workers     a process each, as in a training
    64 and 1,000        up to 64 sleep side by side in one process (scripts/bench/workers.py): a thousand processes of
                        Python and PyTorch do not fit on one machine. The pool and the learner's process, through which
                        everything goes, see a thousand workers
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scripts.bench.scaling_model import Costs, predict
from scripts.bench.sleeper import Profile
from tengen.settings import Distributed
from tengen.workers import Pool

ALONE = 8  # up to so many workers have a process each


PROFILES = {
    # The learner is busy with 40 workers; records of games are small.
    "selfplay": Profile(unit=0.8, spread=0.05, unit_bytes=200_000, learn=0.02, weights_bytes=2_000_000),
    # The learner is busy with 5 workers; 512 screens a unit, one frame each.
    "ppo": Profile(unit=0.5, spread=0.03, unit_bytes=512 * 84 * 84, learn=0.1, weights_bytes=6_800_000),
}


@dataclass(frozen=True)
class Measured:
    """What a simulated training did. Seconds."""

    workers: int
    iteration: float  # median
    unit: float  # mean
    deviation: float
    learn: float  # for a unit
    publish: float
    collect: float  # that the learner waits for the units of an iteration and takes them

    @property
    def units(self) -> float:
        """Units a second."""
        return self.workers / self.iteration


def simulate(profile: Profile, workers: int, iterations: int) -> Measured:
    """Run a training of `iterations` iterations, after two that warm up."""
    from scripts.bench.workers import SharedPool

    kind = Pool if workers <= ALONE else SharedPool
    settings = Distributed(workers=workers, worker_cpus=0.001, worker_patience=120.0)
    arguments = [{"slot": slot, "profile": profile.__dict__} for slot in range(workers)]
    pool = kind("scripts.bench.sleeper:Sleeper", arguments, settings)
    try:
        _everybody_is_there(pool)
        return _learn(pool, profile, iterations)
    finally:
        pool.close()


def _everybody_is_there(pool: Pool) -> None:
    """Until each worker has done a unit: processes start for seconds."""
    pool.publish(0, {"w": np.zeros(1, np.float32)})
    seen: set[int] = set()
    while len(seen) < len(pool.slots):
        seen |= {result.slot for result in pool.collect(1)}


def _learn(pool: Pool, profile: Profile, iterations: int) -> Measured:
    """The loop of every learner here: publish, collect, learn."""
    weights = {"w": np.zeros(profile.weights_bytes // 4, np.float32)}
    workers = len(pool.slots)
    ends, units, published, learned, collected = [], [], [], [], []
    for iteration in range(iterations + 2):
        begun = time.perf_counter()
        pool.publish(iteration + 1, weights)
        published.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        results = pool.collect(workers)
        collected.append(time.perf_counter() - begun)
        if iteration >= 2:
            units += [result.value[0] for result in results]
        begun = time.perf_counter()
        time.sleep(profile.learn * len(results))
        learned.append((time.perf_counter() - begun) / len(results))
        ends.append(time.perf_counter())
    middle = statistics.median
    lengths = [later - earlier for earlier, later in itertools.pairwise(ends[1:])]
    return Measured(
        workers=workers,
        iteration=middle(lengths),
        unit=statistics.fmean(units),
        deviation=statistics.pstdev(units),
        learn=middle(learned),
        publish=middle(published),
        collect=middle(collected[2:]),
    )


def measure_one(profile: Profile, iterations: int = 12) -> Costs:
    """The costs of the model, from trainings with one worker.

    In the first the learner takes longer than the worker, so that a unit is there when it asks: what it waits then is
    what handling a unit costs. In the second what nothing else explains is the round trip.
    """
    handle = simulate(replace(profile, learn=1.3 * profile.unit), 1, iterations // 2).collect
    one = simulate(profile, 1, iterations)
    explained = max(one.unit, one.learn + one.publish) + handle
    return Costs(
        unit=one.unit,
        deviation=one.deviation,
        learn=one.learn,
        publish=one.publish,
        handle=handle,
        round_trip=max(0.0, one.iteration - explained),
    )


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Of each profile: units a second simulated (value), predicted from one worker (baseline)."""
    counts = (2, 4, 8) if quick else (2, 4, 8, 64, 1000)
    for name, profile in PROFILES.items():
        costs = measure_one(profile)
        for count in counts:
            if count * profile.unit_bytes > 1e9:
                continue  # more shared memory than a small machine has
            measured = simulate(profile, count, 8 if count <= ALONE else 3)
            foreseen = predict(costs, count)
            yield {
                "what": f"{name}-{count}",
                "unit": "units/s",
                "value": round(measured.units, 3),
                "baseline": round(foreseen.units, 3),
                "ratio": round(measured.units / foreseen.units, 3),
                "bottleneck": foreseen.bottleneck,
            }
