"""Ape-X's additions to DQN, by hand: each worker's epsilon, and the initial TD errors of its experience."""

from __future__ import annotations

import numpy as np
import pytest

from agents.common.replay.experience import Experience
from agents.dqn.act import annealed_epsilon, ladder
from agents.dqn.config import Config
from agents.dqn.priorities import FirstErrors


def test_the_ladder() -> None:
    """0.4^1, 0.4^4.5, 0.4^8; a single worker equals the first of many; without spread all do."""
    assert [ladder(0.4, worker, 3, 7.0) for worker in range(3)] == pytest.approx([0.4, 0.0161909, 0.00065536], rel=1e-5)
    assert ladder(0.3, 0, 1, 7.0) == 0.3
    assert [ladder(1.0, worker, 4, 7.0) for worker in range(4)] == [1.0] * 4  # fully random at first
    assert [ladder(0.3, worker, 2, 0.0) for worker in range(2)] == [0.3, 0.3]


def test_epsilon_falls_from_where_learning_starts() -> None:
    config = Config(learning_starts=100, epsilon_steps=200, epsilon_end=0.2)
    assert [annealed_epsilon(config, step) for step in (0, 100, 200, 300, 900)] == pytest.approx([1, 1, 0.6, 0.2, 0.2])


# One game, two actions, n = 2, gamma = 0.5. Row by row: Q(s, .), action, reward, discount, valid, ended
GAME = [
    ([1.0, 2.0], 0, 1.0, 1.0, True, False),
    ([3.0, 4.0], 1, 2.0, 1.0, True, False),
    ([6.0, 8.0], 0, 3.0, 1.0, True, True),  # truncated: the next row's observation is the final one
    ([10.0, 9.0], 0, 0.0, 1.0, False, False),
    ([5.0, 1.0], 1, 7.0, 0.0, True, True),  # terminated
    ([2.0, 2.0], 0, 0.0, 1.0, False, False),
    ([1.0, 0.0], 0, 1.0, 1.0, True, False),
    ([4.0, 6.0], 0, 1.0, 1.0, True, False),
]
ERRORS = {
    0: 1 + 0.5 * 2 + 0.25 * 8 - 1,
    1: 2 + 0.5 * 3 + 0.25 * 10 - 4,  # cut on the way, after two steps
    2: 3 + 0.5 * 10 - 6,  # cut after one: the final observation's value follows
    4: 7 - 1,  # over: nothing follows
}


@pytest.mark.parametrize("unit", [1, 2, 4, 8])
def test_first_errors_by_hand(unit: int) -> None:
    """However the rows are divided into units, those of rows n before come with them."""
    errors, found = FirstErrors(2, 0.5, 1), list[float]()
    for begin in range(0, len(GAME), unit):
        if begin == 4:  # what a checkpoint holds is enough to go on
            saved, errors = errors.state(), FirstErrors(2, 0.5, 1)
            errors.load(saved)
        q, action, reward, discount, valid, ended = (
            np.array(x)[:, None] for x in zip(*GAME[begin : begin + unit], strict=True)
        )
        flat = [x.astype(np.float32) for x in (reward, discount)]
        new = Experience(np.zeros((unit, 1, 1)), action.astype(np.uint8), *flat, valid, ended)
        found += errors.of(new, q.reshape(unit, 1, 2).astype(np.float32)).ravel().tolist()
    assert len(found) == len(GAME) and np.isnan(found).tolist() == [True] * 2 + [False] * 6
    assert {row: found[row + 2] for row in ERRORS} == pytest.approx(ERRORS)
