"""Splitting a table of games: what a ranking can express, and what it cannot (sections 2 and 3 of arXiv:1806.02643)."""

import numpy as np


def transitive(odds: np.ndarray) -> np.ndarray:
    """[P] the rating of each player: the mean of its row of `odds` [P, P], its log-odds against all (itself, 0, too).

    odds is antisymmetric: odds[i, j] = -odds[j, i]. r_i - r_j is then the part of it that an order explains: no other
    ratings are nearer to `odds` in squared error.
    """
    return odds.mean(1)


def cyclic(odds: np.ndarray) -> np.ndarray:
    """[P, P] what is left of `odds` after subtracting the rating differences r_i - r_j.

    It is antisymmetric again, and every row sums to 0: on average nobody is better than their rating.
    """
    rating = transitive(odds)
    return odds - (rating[:, None] - rating[None])


def cycles(chances: np.ndarray) -> int:
    """The number of triples in which each beats the next, like rock, scissors and paper: i over j over k over i.

    chances [P, P]; i beats j if chances[i, j] > 0.5. Each triple counts once, not three times. With B the matrix of
    who beats whom, the diagonal of B B B counts closed paths of length three.
    """
    beats = (chances > 0.5).astype(int)
    np.fill_diagonal(beats, 0)
    return int(np.trace(beats @ beats @ beats)) // 3
