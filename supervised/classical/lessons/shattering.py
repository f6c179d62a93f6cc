"""Shattering: a hyperplane in d dimensions separates d + 1 points in all ways, but no d + 2 (Vapnik 1995).

The number of ways, of 2^N, in which a hyperplane separates N points in general position is known (Cover 1965):

    C(N, d) = 2 sum_{k=0}^{d} (N - 1 choose k)        = 2^N just as long as N <= d + 1: the VC dimension
"""

from __future__ import annotations

from itertools import product
from math import comb
from typing import Any

import numpy as np
from scipy.optimize import linprog

from tengen.figures import coloured

CASES = tuple((d, n) for d in (1, 2, 3) for n in range(2, 8))


def cover(n: int, d: int) -> int:
    """In how many ways hyperplanes part n points in general position in d dimensions."""
    return 2 * sum(comb(n - 1, k) for k in range(d + 1))


def parted(X: np.ndarray, y: np.ndarray) -> bool:
    """Whether some w, b has y (w x + b) >= 1 at all points X [n, d], by a linear program."""
    A = -y[:, None] * np.c_[X, np.ones(len(X))]
    found = linprog(np.zeros(A.shape[1]), A_ub=A, b_ub=-np.ones(len(X)), bounds=(None, None), method="highs")
    return bool(found.status == 0)


class Shattering:
    """Count the ways to separate points in 1 to 3 dimensions by a hyperplane, and compare with Cover's formula."""

    def __init__(self, seed: int, noise: float, steps: int) -> None:
        self.seed, self.total = seed, min(steps, len(CASES))
        self.arrays = {"ways": np.zeros(len(CASES))}

    def measure(self, number: int) -> dict[str, float]:
        d, n = CASES[number]
        X = np.random.default_rng([self.seed, number]).normal(size=(n, d))
        half = sum(parted(X, np.array([1.0, *signs])) for signs in product((1.0, -1.0), repeat=n - 1))
        self.arrays["ways"][number] = 2 * half  # the opposite labels are parted by the same plane
        return {"ways": 2.0 * half}

    def answer(self) -> tuple[str, float, str, dict[str, float | str]]:
        expected = np.array([cover(n, d) for d, n in CASES])[: self.total]
        wrong = float((self.arrays["ways"][: self.total] != expected).sum())
        return "counts unlike Cover's", wrong, "every labelling tried by a linear program", {"cases": float(self.total)}

    def draw(self, figure: Any) -> None:
        axes = figure.subplots()
        for colour, d in coloured((1, 2, 3)):
            mine = [(n, ways) for (e, n), ways in zip(CASES, self.arrays["ways"], strict=True) if e == d]
            axes.plot([n for n, _ in mine], [w / 2**n for n, w in mine], "o-", color=colour, label=f"{d} dimensions")
            axes.axvline(d + 1, color=colour, ls=":", lw=1)
        axes.set_xlabel("points (dotted: the VC dimension, d + 1)")
        axes.set_ylabel("share of all labellings that a hyperplane makes")
        axes.legend(frameon=False)
