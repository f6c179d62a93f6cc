"""Intervals where the answer is known."""

import numpy as np
import pytest

from tengen.statistics import ratio_interval, student


def test_the_interval_of_a_ratio_is_that_of_a_mean_where_all_weigh_the_same() -> None:
    values = np.random.default_rng(1).normal(3, 1, 2000)
    assert ratio_interval(values, np.ones(2000)) == pytest.approx(student(values.tolist()), abs=0.005)


def test_the_interval_of_a_ratio_counts_both_parts_of_a_pair_together() -> None:
    below = np.random.default_rng(1).uniform(1, 100, 50)
    assert ratio_interval(3 * below, below) == pytest.approx((3, 3))


def test_it_covers_the_ratio_that_is_true() -> None:
    dice, inside = np.random.default_rng(2), 0
    for _ in range(200):
        below = dice.uniform(1, 3, 100)
        low, high = ratio_interval(below * dice.normal(2, 1, 100), below)
        inside += low <= 2 <= high
    assert 180 <= inside <= 198
