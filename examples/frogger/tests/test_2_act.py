"""Epsilon falls on schedule, and actions are random as often as it says."""

import pytest
import torch

from parts.act import epsilon_at, epsilon_greedy


@pytest.mark.parametrize(("step", "expected"), [(0, 1.0), (50, 0.55), (100, 0.1), (101, 0.1), (1000, 0.1), (2000, 0.1)])
def test_epsilon_by_hand(step, expected):
    assert epsilon_at(step, 1000, 0.1, 0.1) == pytest.approx(expected)


def test_random_as_often_as_epsilon_says():
    """Four actions, epsilon 0.4: the best is chosen with 0.6 + 0.4 / 4, each other with 0.1."""
    q = torch.tensor([0.0, 2.0, 1.0, -1.0]).expand(40_000, 4)
    actions = epsilon_greedy(q, 0.4, torch.Generator().manual_seed(0))
    assert actions.shape == (40_000,) and actions.dtype == torch.int64
    found = torch.bincount(actions, minlength=4) / 40_000
    torch.testing.assert_close(found, torch.tensor([0.1, 0.7, 0.1, 0.1]), atol=0.008, rtol=0)


def test_the_ends_and_the_generator():
    q = torch.randn(1000, 4, generator=torch.Generator().manual_seed(1))
    assert (epsilon_greedy(q, 0.0, torch.Generator()) == q.argmax(1)).all()
    first, again = (epsilon_greedy(q, 1.0, torch.Generator().manual_seed(7)) for _ in "ab")
    assert (first == again).all() and torch.bincount(first, minlength=4).min() > 200
