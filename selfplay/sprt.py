"""A match that ends as soon as it is decided: the sequential probability ratio test (Wald 1945).

Is the first player `high` Elo stronger than the second, or only `low`? After each game the logarithm of how much better
the one hypothesis explains the results than the other is compared with two bounds,

    log(beta / (1 - alpha)) < LLR < log((1 - beta) / alpha)

so that either answer is wrong with a probability of at most about 5 % where its opposite is true. Without draws it is
Wald's own test; with them, each hypothesis is the likeliest distribution of wins, draws and losses that has its mean
(Van den Bergh's generalised test).

Games count in the order of their numbers, so that games that are over quickly do not count first.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from tengen.errors import UserError

ALPHA = BETA = 0.05
_POINTS = np.array([0.0, 0.5, 1.0])  # of a loss, a draw, a win


class Sprt(NamedTuple):
    """The two hypotheses, in Elo by which the first player is stronger."""

    low: float
    high: float

    @property
    def bounds(self) -> tuple[float, float]:
        return math.log(BETA / (1 - ALPHA)), math.log((1 - BETA) / ALPHA)


def sprt(low: float, high: float) -> Sprt:
    """UserError for hypotheses that cannot be told apart."""
    if not (abs(low) <= 1000 and abs(high) <= 1000 and low < high):
        raise UserError(f"--sprt {low:g} {high:g}: two differences in Elo, the lower one first, for example 0 20")
    return Sprt(low, high)


def llr(test: Sprt, losses: int, draws: int, wins: int) -> float:
    """The log likelihood ratio of `high` against `low`, as the results of the first player have it."""
    counts = np.array([losses, draws, wins], np.float64)
    if not counts.any():
        return 0.0
    shares = counts / counts.sum()
    ratios = [_likeliest(shares, score_of(elo)) for elo in test]
    kept = counts > 0
    return float((counts[kept] * (np.log(ratios[1][kept]) - np.log(ratios[0][kept]))).sum())


def _likeliest(shares: np.ndarray, mean: float) -> np.ndarray:
    """[3] the distribution with this mean score that explains `shares` [3] best.

    It is shares / (1 + t (points - mean)), with the t that gives it its mean; t is found by halving.
    """
    shares = shares + np.array([1e-9, 0.0, 1e-9])  # both ends can happen
    shares = shares / shares.sum()
    away = _POINTS - mean
    low, high = -1 / away[2], -1 / away[0]  # where a probability becomes infinite
    for _ in range(100):
        t = (low + high) / 2
        if (shares * away / (1 + t * away)).sum() > 0:
            low = t
        else:
            high = t
    found: np.ndarray = shares / (1 + t * away)
    return found


def score_of(elo: float) -> float:
    """The expected score of a player who is `elo` stronger."""
    return 1 / (1 + 10 ** (-elo / 400))


class Running:
    """A test that goes on: told of results in any order, it counts them by their numbers."""

    def __init__(self, test: Sprt) -> None:
        self.test, self.llr = test, 0.0
        self.counted = 0  # games, those without a result among them
        self.accepted: float | None = None  # the hypothesis that was decided for
        self._counts = [0, 0, 0]
        self._waiting: dict[int, float] = {}

    def add(self, number: int, points: float) -> None:
        """Game `number` (from 0) has ended: 1 won, 0 drawn, -1 lost, NaN for none."""
        self._waiting[number] = points
        low, high = self.test.bounds
        while self.accepted is None and self.counted in self._waiting:
            points = self._waiting.pop(self.counted)
            self.counted += 1
            if not math.isnan(points):
                self._counts[int(points) + 1] += 1
                self.llr = llr(self.test, *self._counts)
                if not low < self.llr < high:
                    self.accepted = self.test.high if self.llr >= high else self.test.low

    def describe(self) -> str:
        """One line."""
        low, high = self.test.bounds
        said = f"LLR {self.llr:.2f} of ({low:.2f}, {high:.2f}) after {self.counted} games"
        if self.accepted is None:
            return f"sprt {self.test.low:g} {self.test.high:g}: open, {said}"
        other = self.test.low if self.accepted == self.test.high else self.test.high
        return f"sprt: {self.accepted:+g} Elo rather than {other:+g}, {said}"
