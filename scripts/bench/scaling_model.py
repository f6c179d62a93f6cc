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


@dataclass(frozen=True)
class Training:
    """A training whose costs were measured (docs/results/speed.md, and beside each number where else)."""

    about: str
    unit: str  # what is counted: steps or moves
    plays: float  # of them a second, a worker of one core
    learns: float  # of them a second, the learner
    bytes: float  # that one sends to the learner
    weights: float  # bytes
    spread: float = 0.05  # standard deviation of a unit's seconds, as a fraction

    def costs(self, seconds: float = 2.0) -> Costs:
        """With units of so many seconds, 16 workers a node and a link of 10 Gbit/s."""
        amount = self.plays * seconds
        return Costs(
            unit=seconds,
            deviation=self.spread * seconds,
            learn=amount / self.learns,
            publish=0.003,
            handle=0.0006,  # of 1,000 simulated workers' units, each
            round_trip=0.01,
            unit_bytes=amount * self.bytes,
            weights_bytes=self.weights,
            bandwidth=1.25e9,
            workers_a_node=16,
        )

    def rate(self, workers: int, seconds: float = 2.0) -> tuple[float, Prediction]:
        """(steps or moves a second, the prediction)."""
        found = predict(self.costs(seconds), workers)
        return found.units * self.plays * seconds, found


def selfplay(about: str, evaluations_a_move: float, faster: float = 1.0) -> Training:
    """9x9 Go with a tower of 6x64 on the processor with AVX-512; `faster`: the learner, times two cores' speed."""
    evaluations, samples, samples_a_move = 10_117 * 0.95 / 2, 1_817, 6.0  # a core plays, two cores learn; --reuse
    plays, learns = evaluations / evaluations_a_move, faster * samples / samples_a_move
    return Training(about, "moves", plays, learns, bytes=BYTES_A_MOVE, weights=2.1e6)


BYTES_A_MOVE = 520.0  # 132 of records; the rest is the state of 16 games in progress, which comes with each unit
TRAININGS = (
    # `tengen train pong` makes 2,400 steps/s on two cores, 31 % of the time learning. A step: a screen of 84x84 bytes.
    Training("PPO on Pong, learner on two cores", "steps", plays=2400 / 0.69 / 2, learns=2400 / 0.31, bytes=7_090,
             weights=2.74e6, spread=0.03),
    selfplay("Go 9x9, 16 simulations, learner on two cores", 16.6),
    selfplay("Go 9x9, 400 simulations, learner on two cores", 400.0),
    selfplay("Go 9x9, 16 simulations, learner 20 times as fast", 16.6, 20.0),
    selfplay("Go 9x9, 400 simulations, learner 20 times as fast", 400.0, 20.0),
)  # fmt: skip


def table(counts: tuple[int, ...] = (8, 64, 1000)) -> list[list[str]]:
    """For docs/scaling.md: what to expect."""

    def cell(training: Training, workers: int) -> str:
        rate, found = training.rate(workers)
        return f"{float(f'{rate:.3g}'):,.0f}/s, {found.bottleneck}, {found.bytes / 1e6:.3g} MB/s"

    rows = [["training", "a worker", "the learner", *(f"{count:,} workers" for count in counts), "enough workers"]]
    for one in TRAININGS:
        ends = [f"{one.plays:,.0f} {one.unit}/s", f"{one.learns:,.0f} {one.unit}/s"]
        rows.append([one.about, *ends, *(cell(one, count) for count in counts), f"{most_workers(one.costs()):,}"])
    return rows


def _normal(x: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))
