"""Epsilon-greedy actions, schedules and training rewards, by hand."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from agents.common.exploration import epsilon_greedy
from agents.common.rewards import learned_from
from agents.common.schedules import falling, linear
from envs.vector import Transition


def from_numpy() -> np.random.Generator:
    return np.random.default_rng(1)


def from_torch() -> torch.Generator:
    return torch.Generator().manual_seed(1)


@pytest.mark.parametrize("make", [from_numpy, from_torch])
def test_epsilon_is_the_fraction_of_random_actions(make: Callable[[], np.random.Generator | torch.Generator]) -> None:
    """Of four actions, 2 is greedy: with epsilon 0.4 each other one is taken a tenth of the time."""

    def greedy() -> torch.Tensor:
        return torch.full((20_000,), 2)

    action = epsilon_greedy(0.4, 4, 20_000, make(), greedy)
    assert action.dtype == torch.int64
    assert (action.bincount(minlength=4) / 20_000).tolist() == pytest.approx([0.1, 0.1, 0.7, 0.1], abs=0.01)
    assert (epsilon_greedy(0.0, 4, 20_000, make(), greedy) == 2).all()
    assert action.equal(epsilon_greedy(0.4, 4, 20_000, make(), greedy))


@pytest.mark.parametrize("make", [from_numpy, from_torch])
def test_the_network_is_not_asked_where_all_is_random(
    make: Callable[[], np.random.Generator | torch.Generator],
) -> None:
    def never() -> torch.Tensor:
        raise AssertionError

    assert epsilon_greedy(1.0, 3, 50, make(), never).unique().tolist() == [0, 1, 2]


def test_linear() -> None:
    assert [linear(1.0, 0.2, done) for done in (-1.0, 0.0, 0.25, 0.5, 1.0, 7.0)] == [1.0, 1.0, 0.8, 0.6, 0.2, 0.2]


def test_falling() -> None:
    assert [falling(4.0, done) for done in (0.0, 0.25, 1.0, 1.1)] == [4, 3, 0, 0]
    assert [falling(4.0, done, begin=0.5) for done in (0.0, 0.5, 0.75, 1.0)] == [4, 4, 2, 0]
    assert [falling(4.0, done, begin=1.0) for done in (0.0, 0.5, 1.0)] == [4, 4, 4]


def test_rewards_are_clipped_and_points_end_the_return() -> None:
    no = np.zeros(4, bool)
    reward, discount = np.array([5.0, 0.5, 0.0, -3.0], np.float32), np.array([1.0, 1.0, 1.0, 0.0], np.float32)
    step = Transition(np.zeros((4, 1)), reward, discount, no, no, ~no)
    for clip, points, rewards, discounts in (
        (False, False, [5, 0.5, 0, -3], [1, 1, 1, 0]),
        (True, False, [1, 0.5, 0, -1], [1, 1, 1, 0]),
        (True, True, [1, 0.5, 0, -1], [0, 0, 1, 0]),
    ):
        found = learned_from(step, clip, points)
        assert [x.tolist() for x in found] == [rewards, discounts] and all(x.dtype == np.float32 for x in found)
