"""What a training with N workers will do, from costs measured on one: pure functions, no Ray (docs/scaling.md).

The learner takes a unit of work from each worker, learns from them while the workers do the next ones, and publishes
new weights. An iteration is over when the slower of the two sides is done, and the learner's process has handled every
unit:

    worker     |--------- unit ---------|··|--------- unit ---------|··      the slowest of N decides
    learner    ··|-- learn --|publish|··························|handle|
               iteration = max(slowest unit + round trip, N x learn + publish, bytes / bandwidth) + N x handle

What the simulation (scripts/bench/simulation.py) does is done by real actors; nothing here is used there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_STEPS = 2000  # of the integral below


@dataclass(frozen=True)
class Costs:
    """Of one worker and its learner. Seconds and bytes."""

    unit: float  # seconds of a unit of work, mean
    deviation: float  # standard deviation of that
    learn: float  # seconds the learner learns from one unit
    publish: float  # seconds to publish weights
    handle: float = 0.0  # seconds of the learner's process to take a unit and hand out the next
    round_trip: float = 0.0  # seconds between a finished unit and the next one's begin, besides handling
    unit_bytes: float = 0.0  # that a unit sends to the learner
    weights_bytes: float = 0.0  # that a version sends to each node
    bandwidth: float = math.inf  # bytes a second of the learner's link
    workers_a_node: int = 1


@dataclass(frozen=True)
class Prediction:
    """What to expect of `workers` workers."""

    workers: int
    seconds: float  # of an iteration: a unit of each worker
    units: float  # a second
    bottleneck: str  # workers, learner, network or handling
    busy: float  # fraction of time that workers work
    bytes: float  # a second over the learner's link, both directions


def predict(costs: Costs, workers: int) -> Prediction:
    """An iteration of `workers` workers, and what limits it. ValueError without a worker."""
    if workers < 1:
        raise ValueError(f"at least one worker, not {workers}")
    nodes = math.ceil(workers / costs.workers_a_node)
    moved = workers * costs.unit_bytes + nodes * costs.weights_bytes
    handling = workers * costs.handle
    sides = {
        "workers": slowest(costs.unit, costs.deviation, workers) + costs.round_trip,
        "learner": workers * costs.learn + costs.publish,
        "network": moved / costs.bandwidth,
    }
    side = max(sides, key=lambda name: sides[name])
    seconds = sides[side] + handling
    bottleneck = "handling" if handling > sides[side] else side
    return Prediction(workers, seconds, workers / seconds, bottleneck, costs.unit / seconds, moved / seconds)


def slowest(mean: float, deviation: float, count: int) -> float:
    """Expected largest of `count` independent normal numbers: mean + deviation * E[max of standard normals].

    E[max] is the integral of 1 - F(x)^n over x > 0 less that of F(x)^n over x < 0, F the normal distribution function.
    """
    if deviation == 0.0 or count == 1:
        return mean
    width, total = 8.0, 0.0
    step = width / _STEPS
    for k in range(_STEPS):
        x = (k + 0.5) * step
        total += (1.0 - _normal(x) ** count - _normal(-x) ** count) * step
    return mean + deviation * total


def most_workers(costs: Costs) -> int:
    """The number of workers from which on one more adds nothing: the learner has no idle moment left.

    0 where the learner costs nothing."""
    if costs.learn <= 0.0:
        return 0
    count = 1
    while count < 2**20 and predict(costs, count).bottleneck == "workers":
        count *= 2
    low = count // 2
    while count - low > 1:
        middle = (low + count) // 2
        if predict(costs, middle).bottleneck == "workers":
            low = middle
        else:
            count = middle
    return count


def selfplay_costs(
    *,
    moves: int,
    evaluations_a_move: float,
    evaluations_a_second: float,
    bytes_a_move: float,
    samples_a_move: float,
    samples_a_second: float,
    weights_bytes: float,
    **more: float,
) -> Costs:
    """Of a worker that plays `moves` moves a unit and a learner that learns `samples_a_move` samples from each."""
    return Costs(
        unit=moves * evaluations_a_move / evaluations_a_second,
        deviation=more.pop("spread", 0.0) * moves * evaluations_a_move / evaluations_a_second,
        learn=moves * samples_a_move / samples_a_second,
        publish=more.pop("publish", 0.0),
        unit_bytes=moves * bytes_a_move,
        weights_bytes=weights_bytes,
        **more,  # type: ignore[arg-type]
    )


def _normal(x: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))
