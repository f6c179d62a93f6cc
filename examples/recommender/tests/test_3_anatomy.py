"""Splitting a table: a pure order, a pure cycle, and the two put back together."""

import numpy as np

from parts.anatomy import cycles, cyclic, transitive

CIRCLE = np.array([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]])  # rock loses to paper, beats scissors


def test_an_order_is_all_transitive():
    rating = np.array([3.0, 1.0, -4.0])
    odds = rating[:, None] - rating[None]
    np.testing.assert_allclose(transitive(odds), rating, atol=1e-12)
    np.testing.assert_allclose(cyclic(odds), 0, atol=1e-12)


def test_a_circle_has_no_order():
    assert transitive(CIRCLE).tolist() == [0, 0, 0]
    np.testing.assert_allclose(cyclic(CIRCLE), CIRCLE)


def test_both_come_apart_and_together_again():
    random = np.random.default_rng(0)
    half = random.normal(size=(7, 7))
    odds = half - half.T
    rating, rest = transitive(odds), cyclic(odds)
    np.testing.assert_allclose(rest, -rest.T, atol=1e-12)
    np.testing.assert_allclose(rest.sum(1), 0, atol=1e-12)
    np.testing.assert_allclose(rating[:, None] - rating[None] + rest, odds, atol=1e-12)
    other = rating + random.normal(size=7)  # no other ratings are nearer
    assert ((other[:, None] - other[None] - odds) ** 2).sum() > (rest**2).sum()


def test_cycles_are_counted_once():
    def chances(odds):
        return 1 / (1 + np.exp(-odds))

    assert cycles(chances(CIRCLE)) == 1
    assert cycles(chances(np.subtract.outer(np.arange(6.0), np.arange(6.0)))) == 0
    two = np.zeros((6, 6))
    two[:3, :3], two[3:, 3:] = CIRCLE, CIRCLE.T
    two[:3, 3:], two[3:, :3] = 5, -5  # the first three beat the others
    assert cycles(chances(two)) == 2 and isinstance(cycles(chances(two)), int)
