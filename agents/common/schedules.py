"""Schedules: numbers that change over a training, given the fraction `done` of it."""


def linear(start: float, end: float, done: float) -> float:
    """From `start` to `end` as `done` goes from 0 to 1; `start` before and `end` after."""
    if done >= 1:
        return end
    return start + max(0.0, done) * (end - start)


def falling(value: float, done: float, begin: float = 0.0) -> float:
    """`value` until `done` reaches `begin`, then linearly to zero, where `done` is 1."""
    left, whole = max(0.0, 1 - done), 1 - begin
    return value if left >= whole else value * left / whole
