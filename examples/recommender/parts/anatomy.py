"""Taking a table of games apart: what a ranking can say, and what it cannot (sections 2 and 3 of arXiv:1806.02643)."""

import numpy as np


def transitive(odds: np.ndarray) -> np.ndarray:
    """[P] the rating of each player: the mean of its row of `odds` [P, P], its log-odds against all (its own 0 too).

    odds is antisymmetric: odds[i, j] = -odds[j, i]. r_i - r_j is then the part of it that comes from an order; of all
    ratings it is the one nearest to `odds` in squares.
    """
    return odds.mean(1)


def cyclic(odds: np.ndarray) -> np.ndarray:
    """[P, P] what is left of `odds` when the ratings' differences r_i - r_j are taken off.

    It is antisymmetric again, and every row sums to 0: on average nobody is better than his rating.
    """
    rating = transitive(odds)
    return odds - (rating[:, None] - rating[None])


def cycles(chances: np.ndarray) -> int:
    """How many triples there are of whom each beats the next, like rock, scissors and paper: i over j over k over i.

    chances [P, P]; i beats j where chances[i, j] > 0.5. Each triple counts once, not three times. With B the matrix of
    who beats whom, the diagonal of B B B counts ways of length three that come back.
    """
    beats = (chances > 0.5).astype(int)
    np.fill_diagonal(beats, 0)
    return int(np.trace(beats @ beats @ beats)) // 3
