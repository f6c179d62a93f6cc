"""Priorities, the sum tree that samples by them, and the importance weights: hand-computed values."""

import numpy as np
import pytest

from agents.common.replay.experience import one_round
from agents.common.replay.prioritised import Prioritised, importance_weights
from agents.common.replay.ring import FrameRing
from agents.common.replay.sum_tree import SumTree
from envs.vector import Transition


def test_weights_by_hand() -> None:
    """Of 4 steps, drawn with probability 1/2, 1/4 and 1/8: N P = 2, 1, 1/2; the rarest weighs most."""
    chance = np.array([0.5, 0.25, 0.125])
    assert importance_weights(chance, 4, 1.0).tolist() == [0.25, 0.5, 1.0]
    assert importance_weights(chance, 4, 0.5) == pytest.approx([0.5, 0.5**0.5, 1.0])
    assert importance_weights(chance, 4, 0.0).tolist() == [1.0, 1.0, 1.0]  # no correction


def sampler_of(rows: int) -> Prioritised:
    """A sampler over one game of single numbers; row 2 was ignored."""
    ring = FrameRing(8, 1, (1,), np.dtype(np.float32))
    sampler = Prioritised(ring, np.random.default_rng(0), exponent=0.5, correction=0.4)
    one, no = np.ones(1, np.float32), np.zeros(1, bool)
    for t in range(rows):
        valid = np.array([t != 2])
        new = one_round(np.full((1, 1), t), np.zeros(1), Transition(one, one, one, no, no, valid), one, one)
        sampler.add(ring.add(new)[0], valid)
    return sampler


def test_draws_are_in_proportion_to_the_root_of_the_error() -> None:
    """Errors 1, 4, -, 9, 16 with alpha 1/2: priorities 1, 2, 0, 3, 4; the last row has no successor yet."""
    sampler = sampler_of(5)
    sampler.update(np.array([0, 1, 3, 4]), np.array([1.0, -4.0, 9.0, 16.0]))
    draw = sampler.draw(12_000, ahead=1, done=1.0)
    assert np.bincount(draw.row, minlength=5) / 12_000 == pytest.approx([1 / 6, 2 / 6, 0, 3 / 6, 0], abs=0.015)
    assert {(int(r), round(float(w), 5)) for r, w in zip(draw.row, draw.weight, strict=True)} == {
        (0, 1.0),
        (1, 0.5),
        (3, 0.33333),
    }


def test_a_new_step_has_the_highest_priority_so_far() -> None:
    sampler = sampler_of(2)
    sampler.update(np.array([0]), np.array([25.0]))
    sampler.add(np.array([2]), np.array([True]))
    sampler.add(np.array([3]), np.array([False]))
    assert sampler.state()["priorities"][:4] == pytest.approx([5.0, 1.0, 5.0, 0.0], abs=1e-4)
    again = sampler_of(2)
    again.load(sampler.state())
    again.add(np.array([4]), np.array([True]))
    assert again.state()["priorities"][4] == pytest.approx(5.0, abs=1e-4)


def test_sum_tree_against_numpy() -> None:
    tree, random = SumTree(37), np.random.default_rng(0)
    values = random.random(37)
    tree.set(np.arange(37), values)
    values[[3, 3, 11]] = 5.0
    tree.set(np.array([3, 11]), np.array([5.0, 5.0]))
    assert tree.total == pytest.approx(values.sum()) and (tree.all() == values).all()
    fractions = random.random(2000)
    expected = np.searchsorted(np.cumsum(values), fractions * values.sum(), side="right")
    assert np.array_equal(tree.draw(fractions), expected)
