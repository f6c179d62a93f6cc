"""The Elo difference of two players, from the games between them, in closed form."""

from __future__ import annotations

import math

from scipy.special import betaincinv


def elo_of(wins: int, draws: int, losses: int) -> float:
    """The Elo difference implied by a score, with half a point added to either side to keep it finite."""
    return _elo((wins + draws / 2 + 0.5) / (wins + draws + losses + 1))


def elo_interval(wins: int, draws: int, losses: int) -> tuple[float, float]:
    """95 % interval: the posterior of the score under Jeffreys's prior, a draw counting as half a win and half a loss.

    This is exact without draws; with draws it is too wide rather than too narrow.
    """
    a, b = wins + draws / 2 + 0.5, losses + draws / 2 + 0.5
    return _elo(float(betaincinv(a, b, 0.025))), _elo(float(betaincinv(a, b, 0.975)))


def _elo(score: float) -> float:
    score = min(max(score, 1e-9), 1 - 1e-9)
    return 400 * math.log10(score / (1 - score))
