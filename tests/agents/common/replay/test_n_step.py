"""n-step returns by hand, and what ends them."""

import numpy as np
import pytest

from agents.common.replay.n_step import n_step_return
from agents.common.replay.ring import Steps


def steps(*rows: tuple[float, float, bool]) -> Steps:
    """One game's (reward, discount, ended) per step, as [n, 1]."""
    reward, discount, ended = (np.array(column)[:, None] for column in zip(*rows, strict=True))
    return Steps(reward.astype(np.float32), discount.astype(np.float32), ended)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(1, 1, False)], (1, 0.5, 1)),  # n = 1 is the one-step target
        ([(1, 1, False), (2, 1, False), (4, 1, False)], (1 + 1 + 1, 0.125, 3)),
        ([(1, 1, False), (2, 0, True), (4, 1, False)], (1 + 1, 0, 2)),  # terminated
        ([(1, 1, False), (2, 1, True), (4, 1, False)], (1 + 1, 0.25, 2)),  # truncated: still bootstraps
        ([(1, 0, False), (2, 1, False), (4, 1, False)], (1, 0, 1)),  # a life or a point: only the return ends
    ],
)
def test_by_hand(rows: list[tuple[float, float, bool]], expected: tuple[float, float, int]) -> None:
    found = n_step_return(steps(*rows), gamma=0.5)
    assert tuple(float(x[0]) for x in found) == expected


def test_samples_are_independent() -> None:
    one, other = [(1, 1, False), (2, 1, False)], [(3, 0, True), (9, 1, False)]
    together = Steps(*(np.concatenate(pair, axis=1) for pair in zip(steps(*one), steps(*other), strict=True)))
    total, discount, taken = n_step_return(together, gamma=0.5)
    assert (total.tolist(), discount.tolist(), taken.tolist()) == ([2.0, 3.0], [0.25, 0.0], [2, 1])
