"""Ends a match as soon as it is decided: the sequential probability ratio test (SPRT, Wald 1945).

Is the first player `high` Elo stronger than the second, or only `low`? After each game the log likelihood ratio of the
two hypotheses is compared with two bounds,

    log(beta / (1 - alpha)) < LLR < log((1 - beta) / alpha)

so that the probability of each kind of error is at most about 5 %. Without draws this is Wald's original test; with
draws, each hypothesis is represented by the likeliest distribution of wins, draws and losses with its mean score (Van
den Bergh's generalised test).

Games are counted in the order of their numbers, so that short games do not count first.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tengen.errors import UserError

ALPHA = BETA = 0.05


class Sprt(NamedTuple):
    """The two hypotheses: Elo advantage of the first player."""

    low: float
    high: float

    @property
    def bounds(self) -> tuple[float, float]:
        return math.log(BETA / (1 - ALPHA)), math.log((1 - BETA) / ALPHA)


def sprt(low: float, high: float) -> Sprt:
    """A test of `low` against `high`; UserError for hypotheses that cannot be told apart."""
    if not (abs(low) <= 1000 and abs(high) <= 1000 and low < high):
        raise UserError(f"--sprt {low:g} {high:g}: give two Elo differences, the lower one first, for example 0 20")
    return Sprt(low, high)


def llr(test: Sprt, losses: int, draws: int, wins: int) -> float:
    """The log likelihood ratio of `high` against `low`, from the first player's results."""
    counts = losses, draws, wins
    total = sum(counts)
    if total == 0:
        return 0.0
    shares = losses / total, draws / total, wins / total
    low, high = (_likeliest(shares, score_of(elo)) for elo in test)
    return sum(n * math.log(q / p) for n, p, q in zip(counts, low, high, strict=True) if n)


def _likeliest(shares: tuple[float, float, float], mean: float) -> list[float]:
    """The maximum-likelihood probabilities of loss, draw and win with this mean score, given `shares`.

    They are shares / (1 + t (points - mean)), where t is the root of a quadratic equation that gives the mean.
    """
    tiny = 1e-9 / (1 + 2e-9)  # keeps wins and losses possible
    parts = [shares[0] + tiny, shares[1], shares[2] + tiny]
    a = [points - mean for points in (0.0, 0.5, 1.0)]
    square = a[0] * a[1] * a[2]
    linear = sum(s * x * (sum(a) - x) for s, x in zip(parts, a, strict=True))
    constant = sum(s * x for s, x in zip(parts, a, strict=True))
    root = math.sqrt(max(0.0, linear * linear - 4 * square * constant))
    t = -2 * constant / (linear - root)  # linear is negative: the root that stays finite when `square` is 0
    return [s / (1 + t * x) for s, x in zip(parts, a, strict=True)]


def score_of(elo: float) -> float:
    """The expected score of a player with an advantage of `elo`."""
    return 1 / (1 + 10 ** (-elo / 400))


class Running:
    """A running test: takes results in any order and counts them in the order of their numbers."""

    def __init__(self, test: Sprt) -> None:
        self.test, self.llr = test, 0.0
        self.counted = 0  # games, including those without a result
        self.accepted: float | None = None  # the accepted hypothesis, in Elo
        self._counts = [0, 0, 0]
        self._waiting: dict[int, float] = {}

    def add(self, number: int, points: float) -> None:
        """Game `number` (from 0) has ended: 1 won, 0 drawn, -1 lost, NaN for no result."""
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
