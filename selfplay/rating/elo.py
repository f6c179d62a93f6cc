"""Bayesian Elo: the ratings that best explain the results of games, with their uncertainty.

After R. Coulom's BayesElo (2005; the draws are Rao and Kupper's, 1967): with ratings r, an advantage a of moving
first and a width d of draws, all in Elo, and sigma(x) = 1 / (1 + 10^(-x / 400)),

    P(Black wins) = sigma(r_black - r_white + a - d)
    P(White wins) = sigma(r_white - r_black - a - d)

What is ours: instead of drawn games, the prior is a wide normal distribution of each rating, of a and of d, and, as in
Jeffreys's prior for one pair, half a win and half a loss for each unknown rating, spread over the games played.
d is 0 if no game was drawn. The log-posterior is concave, so Newton's method finds its maximum; its curvature there
gives the covariance (Laplace), from which ratings are drawn, with heavy tails, and weighted by the posterior
(importance sampling): with few games, or when one side wins all, intervals are asymmetric.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

_UNIT = math.log(10) / 400  # Elo -> the logarithm of odds
_SPREAD, _ADVANTAGE, _DRAWS = 1000.0, 150.0, 300.0  # deviations of the priors, in Elo
_SAMPLES = 4000
_TAILS = 6  # degrees of freedom of the samples


class Score(NamedTuple):
    """The games of one player with Black against another with White."""

    black: int  # numbers of the players
    white: int
    wins: int  # of Black
    draws: int
    losses: int


@dataclass(frozen=True)
class Ratings:
    """Of N players, in Elo above the first; the first player's is 0 and certain."""

    elo: np.ndarray  # [N] the most probable
    low: np.ndarray  # [N] 95 % interval
    high: np.ndarray  # [N]
    advantage: float  # of moving first
    draw: float  # width
    covariance: np.ndarray  # [N, N] of the ratings, before they are taken relative to the first

    def better(self, one: int, other: int) -> float:
        """The probability that player `one` is stronger than `other`."""
        c = self.covariance
        variance = c[one, one] + c[other, other] - 2 * c[one, other]
        gap = float(self.elo[one] - self.elo[other])
        return 0.5 * (1 + math.erf(gap / math.sqrt(2 * max(float(variance), 1e-12))))


def rate(players: int, scores: Sequence[Score], seed: int = 1) -> Ratings:
    """The ratings of `players` after the games `scores`."""
    table = _Table(players, scores)
    best = table.maximum()
    covariance = np.linalg.inv(-table.curvature(best))
    low, high = _intervals(table, best, covariance, seed)
    elo = (best[:players] - best[0]) / _UNIT
    draw = best[players + 1] / _UNIT if table.drawn else 0.0
    return Ratings(elo, low, high, best[players] / _UNIT, draw, covariance[:players, :players] / _UNIT**2)


def win_probability(gap: float) -> float:
    """Of a player who is `gap` Elo stronger, where there are no draws."""
    return 1 / (1 + math.exp(-_UNIT * gap))


class _Table:
    """The posterior of [ratings, advantage, draws], in log-odds."""

    def __init__(self, players: int, scores: Sequence[Score]) -> None:
        self.players = players
        count = len(scores)
        array = np.array(scores, np.float64).reshape(count, 5)
        self.drawn = bool(array[:, 3].sum())
        size = players + 1 + self.drawn
        # u = up @ p is the argument of Black's wins, v = down @ p that of White's
        self.up, self.down = np.zeros((count, size)), np.zeros((count, size))
        rows = np.arange(count)
        for matrix, sign in ((self.up, 1), (self.down, -1)):
            np.add.at(matrix, (rows, array[:, 0].astype(int)), sign)
            np.add.at(matrix, (rows, array[:, 1].astype(int)), -sign)
            matrix[:, players] = sign
            if self.drawn:
                matrix[:, players + 1] = -1
        self.draws = float(array[:, 3].sum())
        games = array[:, 2:].sum(1)
        unseen = 0.5 * (players - 1) * games / max(1.0, games.sum())
        self.above, self.below = array[:, 2] + array[:, 3] + unseen, array[:, 4] + array[:, 3] + unseen
        deviations = [_SPREAD] * players + [_ADVANTAGE] + [_DRAWS] * self.drawn
        self.prior = 1 / (_UNIT * np.array(deviations)) ** 2

    def log(self, p: np.ndarray) -> np.ndarray:
        """[S] the logarithm of the posterior at p [S, size], up to a constant."""
        found = -self.above * np.logaddexp(0, -p @ self.up.T) - self.below * np.logaddexp(0, -p @ self.down.T)
        value: np.ndarray = found.sum(-1) - 0.5 * (self.prior * p**2).sum(-1)
        if self.drawn:
            with np.errstate(invalid="ignore", divide="ignore"):
                value = value + self.draws * np.where(p[..., -1] > 0, np.log(np.expm1(2 * p[..., -1])), -np.inf)
        return value

    def gradient(self, p: np.ndarray) -> np.ndarray:
        found: np.ndarray = -self.prior * p
        found += (self.above * _sigma(-self.up @ p)) @ self.up + (self.below * _sigma(-self.down @ p)) @ self.down
        if self.drawn:
            found[-1] += 2 * self.draws / -np.expm1(-2 * p[-1])
        return found

    def curvature(self, p: np.ndarray) -> np.ndarray:
        found = -np.diag(self.prior)
        for matrix, count in ((self.up, self.above), (self.down, self.below)):
            x = matrix @ p
            found -= (matrix * (count * _sigma(x) * _sigma(-x))[:, None]).T @ matrix
        if self.drawn:
            found[-1, -1] -= 4 * self.draws * math.exp(-2 * p[-1]) / math.expm1(-2 * p[-1]) ** 2
        return found

    def maximum(self) -> np.ndarray:
        """By Newton's method, with steps that are halved until they climb."""
        p = np.zeros(self.up.shape[1])
        if self.drawn:
            p[-1] = 100 * _UNIT
        for _ in range(100):
            step = -np.linalg.solve(self.curvature(p), self.gradient(p))
            here = self.log(p)
            while not self.log(p + step) >= here - 1e-12:
                step /= 2
            p = p + step
            if np.abs(step).max() < 1e-9:
                break
        return p


def _intervals(table: _Table, best: np.ndarray, covariance: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """[N] and [N] the 2.5 % and 97.5 % points of each rating above the first player's, in Elo."""
    random = np.random.default_rng(seed)
    normal = random.standard_normal((_SAMPLES // 2, len(best)))
    normal /= np.sqrt(random.chisquare(_TAILS, (len(normal), 1)) / _TAILS)
    normal = np.concatenate([normal, -normal])  # Student's distribution
    drawn = best + normal @ np.linalg.cholesky(covariance).T
    weight = table.log(drawn) + 0.5 * (_TAILS + len(best)) * np.log1p((normal**2).sum(1) / _TAILS)
    weight = np.exp(weight - weight.max())
    above = (drawn[:, : table.players] - drawn[:, :1]) / _UNIT
    order = np.argsort(above, axis=0)
    ordered = np.take_along_axis(above, order, axis=0)
    share = np.cumsum(weight[order], axis=0) / weight.sum()
    columns = np.arange(table.players)
    low, high = (ordered[np.minimum((share < q).sum(0), len(drawn) - 1), columns] for q in (0.025, 0.975))
    return low, high


def _sigma(x: np.ndarray) -> np.ndarray:
    value: np.ndarray = 1 / (1 + np.exp(-np.clip(x, -700, 700)))
    return value
