"""The Elo difference of two players, from the games between them, in closed form."""

from __future__ import annotations

import math

from scipy.special import betaincinv


def elo_of(wins: int, draws: int, losses: int) -> float:
    """By how much a score says that a player is stronger, half a point added to either side: it stays finite."""
    return _elo((wins + draws / 2 + 0.5) / (wins + draws + losses + 1))


def elo_interval(wins: int, draws: int, losses: int) -> tuple[float, float]:
    """95 % interval: the score's posterior after Jeffreys's prior, a draw counted as half a win and half a loss.

    That is exact without draws, and too wide rather than too narrow with them.
    """
    a, b = wins + draws / 2 + 0.5, losses + draws / 2 + 0.5
    return _elo(float(betaincinv(a, b, 0.025))), _elo(float(betaincinv(a, b, 0.975)))


def _elo(score: float) -> float:
    score = min(max(score, 1e-9), 1 - 1e-9)
    return 400 * math.log10(score / (1 - score))
