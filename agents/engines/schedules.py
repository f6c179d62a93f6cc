"""Our schedules as RLlib takes them: [[step, value], ...] with straight lines between, from where a training begins.

RLlib counts from 0 again when a training is resumed, so it gets the rest of the line.
"""

from __future__ import annotations

from agents.engines.config import ActorCritic, Common

Schedule = list[list[float]]


def _rest(points: Schedule, begun: int) -> Schedule:
    """The part of the line through `points` that comes after step `begun`, counted from there."""
    following = [[step - begun, value] for step, value in points if step > begun]
    before = [point for point in points if point[0] <= begun]
    if not following:
        return [[0, points[-1][1]], [1, points[-1][1]]]
    step, value = before[-1]
    slope = (following[0][1] - value) / (following[0][0] + begun - step)
    return [[0, value + slope * (begun - step)], *following]


def lr_schedule(config: Common, begun: int, steps: int) -> float | Schedule:
    """The learning rate over the rest of `steps` environment steps."""
    return _rest([[0, config.lr], [steps, 0.0]], begun) if config.anneal else config.lr


def entropy_schedule(config: ActorCritic, begun: int, steps: int) -> float | Schedule:
    """The weight of the entropy bonus: falls during the middle third."""
    start, end = config.entropy_coef, config.entropy_coef * (1 - config.entropy_fall)
    if start == end:
        return start
    return _rest([[0, start], [steps // 3, start], [2 * steps // 3, end]], begun)


def epsilon_schedule(end: float, learning_starts: int, epsilon_steps: int, begun: int) -> Schedule:
    """The fraction of random actions: 1 until learning starts, then falling to `end`."""
    starts, steps = max(1, learning_starts), max(1, epsilon_steps)
    return _rest([[0, 1.0], [starts, 1.0], [starts + steps, end]], begun)
