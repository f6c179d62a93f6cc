"""Choose the next pair to play, so that the ratings become certain soonest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from selfplay.rating.elo import Ratings, win_probability

_UNIT = np.log(10) / 400


def most_informative(
    ratings: Ratings, games: int, allowed: Sequence[tuple[int, int]] | None = None
) -> tuple[tuple[int, int], float]:
    """The pair whose next `games` games are expected to take most from the sum of the variances of all ratings (about
    their mean), and how much that is, in Elo squared. `allowed`: the pairs to choose from, all by default.

    Games between i and j tell w = games p (1 - p) about the difference of their ratings: the covariance C of the
    ratings becomes C - w C v v' C / (1 + w v' C v) with v = e_i - e_j (Sherman and Morrison 1950).
    """
    c = ratings.covariance
    centred = c - c.mean(0, keepdims=True)
    best, most = (0, 1), -1.0
    for i, j in allowed or list(combinations(range(len(c)), 2)):
        p = win_probability(float(ratings.elo[i] - ratings.elo[j]))
        w = games * p * (1 - p) * _UNIT**2
        gain = w * float(((centred[:, i] - centred[:, j]) ** 2).sum()) / (1 + w * (c[i, i] + c[j, j] - 2 * c[i, j]))
        if gain > most:
            best, most = (i, j), float(gain)
    return best, most
