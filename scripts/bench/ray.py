"""`tengen bench ray`: trainings with two workers on Ray beside the same in one process, on the same cores in turns;
RLlib beside ours. Rows {what, unit, value, baseline, ratio}:

    selfplay, ppo                moves or steps a second end to end, learning included, with two workers of one core;
                                 baseline: in this process, on two cores
    selfplay-bytes, ppo-bytes    MB a second through Ray's object store meanwhile, weights included; baseline: what the
                                 same positions or screens would be as the network reads them, in float32
    rllib                        steps a second of our PPO in this process on Pong; baseline: RLlib's PPO
    rllib-own                    of RLlib with our network and environment; baseline: with its own

Go is played on 9x9. `--quick` plays on 5x5, where games end sooner, and Pong in 16 games of 16
steps on every side: RLlib with its own network makes 84 steps a second on two cores.

`--simulate` (scripts/bench/simulation.py): what 2 to 1,000 workers do that sleep instead of computing; baseline: what
the model (scripts/bench/scaling_model.py) makes of one such worker.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

import psutil

from scripts.bench.atari import row
from tengen.cluster import Cluster
from tengen.connection import connect
from tengen.kinds import Training, training_for

_WORKERS = 2
_MANY = 10**9  # steps: the benchmark ends first


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Measure; `quick` takes less than two minutes on two cores."""
    rounds, seconds = (2, 2.0) if quick else (5, 12.0)
    pong = {"num_envs": 16, "num_steps": 16} if quick else {}
    connection = connect(Cluster(), _WORKERS)  # one Ray for all rows
    try:
        with closing(Pair(partial(_selfplay, "go5" if quick else "go9"))) as pair:
            yield from pair.rows("selfplay", "moves/s", rounds, seconds)
        with closing(Pair(partial(_ppo, pong))) as pair:
            yield from pair.rows("ppo", "steps/s", rounds, seconds)
            yield from _rllib(pair.here, pong, 1 if quick else 3, 2.0 if quick else 15.0)
    finally:
        connection.close()


def simulated(quick: bool) -> Iterator[dict[str, Any]]:
    from scripts.bench import simulation

    connection = connect(Cluster(), 1)
    try:
        yield from simulation.rows(quick)
    finally:
        connection.close()


# --- ours with workers, and without ----------------------------------------------------------------------------


class Side:
    """A training that goes on in legs."""

    def __init__(self, session: Any) -> None:
        self.session, self.ticks, self.step = session, session.learner.ticks(), 0

    def advance(self, seconds: float) -> tuple[float, float]:
        """(steps a second, bytes a second) over ticks for so many seconds, after one that is not counted."""
        self.step = next(self.ticks).step
        begun = last = time.perf_counter()
        step, moved = self.step, 0.0
        while last - begun < seconds:
            tick, now = next(self.ticks), time.perf_counter()
            self.step = tick.step
            moved += tick.metrics.get("worker/bytes", 0.0) * (now - last)
            last = now
        return (self.step - step) / (last - begun), moved / (last - begun)


class Pair:
    """The same training with two workers and in this process."""

    def __init__(self, make: Callable[[int, Any], Any]) -> None:
        """`make(workers, compute)` gives a session."""
        self.here = Side(make(0, None))
        try:
            self.ray = Side(make(_WORKERS, self.here.session.compute))  # the same arithmetic
        except BaseException:
            self.here.session.close()
            raise

    def rows(self, what: str, unit: str, rounds: int, seconds: float) -> Iterator[dict[str, Any]]:
        """A row of speed and one of bytes."""
        _learns(self.ray)
        _learns(self.here)
        rates, here, moved = [], [], []
        for _ in range(rounds):
            rate, bytes_a_second = self.ray.advance(seconds)
            _quiet()
            rates.append(rate)
            here.append(self.here.advance(seconds)[0])
            moved.append(bytes_a_second)
        each = 4.0 * math.prod(self.here.session.learner.net.spec["trunk"]["input_shape"])
        yield row(what, unit, rates, here)
        yield row(f"{what}-bytes", "MB/s", [b / 1e6 for b in moved], [rate * each / 1e6 for rate in rates])

    def close(self) -> None:
        self.ray.session.close()
        self.here.session.close()


def _learns(side: Side) -> None:
    """Warm up until the learner has begun."""
    for tick in side.ticks:
        side.step = tick.step
        if tick.metrics.get("gradient_steps", 1):
            return


def _quiet(patience: float = 20.0) -> None:
    """Wait until the workers have finished what they are at: they must not work while the other side is measured."""
    workers = [p for p in psutil.Process().children(recursive=True) if p.is_running()]
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        before = _cpu(workers)
        time.sleep(0.3)
        if _cpu(workers) - before < 0.1 * 0.3 * _WORKERS:
            return


def _cpu(processes: list[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        try:
            total += sum(process.cpu_times()[:2])
        except psutil.Error:
            continue
    return total


def _training(task: str, workers: int) -> Training:
    _, training = training_for(task, lambda option: None)
    settings = replace(training.settings, workers=workers, steps=_MANY)
    return replace(training, settings=settings)


def _selfplay(task: str, workers: int, compute: Any) -> Any:
    from selfplay.session import SelfPlaySession

    training = _training(task, workers)
    config = replace(training.config, boards=32, moves_per_iteration=512, window=1000)  # soon warm
    return SelfPlaySession(replace(training, config=config), compute)


def _ppo(changes: Mapping[str, int], workers: int, compute: Any) -> Any:
    from agents.session import AgentSession

    training = _training("pong", workers)
    return AgentSession(replace(training, config=replace(training.config, **changes)), compute)


# --- RLlib ------------------------------------------------------------------------------------------------------


def _rllib(side: Side, changes: Mapping[str, int], rounds: int, seconds: float) -> Iterator[dict[str, Any]]:
    """`side`: our PPO in this process with the same `changes` of the recipe."""
    from scripts.bench.rllib import rllib_ours, rllib_own

    ours, with_ours, own = [], [], []
    for _ in range(rounds):
        own.append(rllib_own(seconds, changes))
        with_ours.append(rllib_ours(seconds, changes))
        ours.append(side.advance(seconds)[0])
    yield row("rllib", "steps/s", ours, own)
    yield row("rllib-own", "steps/s", with_ours, own)
