"""Support vector machines (Cortes & Vapnik 1995, Machine Learning 20) by sequential minimal optimisation.

The widest margin between two classes, with a penalty C for margin violations, in its dual form (Eq. 27 ff.):

    minimise  1/2 a'Qa - sum_i a_i     0 <= a_i <= C,  y'a = 0,  Q_ij = y_i y_j K(x_i, x_j)

Predictions depend only on examples with a_i > 0, the support vectors: f(x) = sum_i a_i y_i K(x_i, x) + b.

The solver optimises two a_i at a time (smo.py). Several classes: one machine per pair, which vote (one-vs-one).

Deviation: no shrinking (LIBSVM sets bounded examples aside for a while).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from supervised.classical.classifier import Classifier
from supervised.classical.estimator import Grown
from supervised.classical.kmeans import squared_distances
from supervised.classical.smo import solve


@dataclass(eq=False)
class SVM(Classifier):
    """`support_` [S] indices of the support vectors, `dual_` [pairs, S] y a of each machine, `intercept_` [pairs]."""

    unit: ClassVar[str] = "machines"
    dtype: ClassVar[type | None] = np.float32
    shapes: ClassVar[dict[str, str]] = {
        "gamma_": "float64", "intercept_": "float64 P", "objective_": "float64 P", "support_": "int64 V",
        "dual_": "float64 PV", "support_vectors_": "float32 VD",
    }  # fmt: skip

    C: float = 1.0
    kernel: Literal["rbf", "linear", "poly"] = "rbf"
    gamma: float = 0.0
    """rbf: K = exp(-gamma |x - z|^2); poly: (gamma x z + 1)^degree; 0: 1 / (features * variance)."""
    degree: int = 3
    tolerance: float = 1e-3
    megabytes: int = 500
    """Cache size for rows of the kernel matrix."""

    @property
    def total(self) -> int:
        return len(self.pairs) if hasattr(self, "classes_") else 45

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The two classes of each machine, whose output is positive for the first."""
        return [(i, j) for i in range(len(self.classes_)) for j in range(i + 1, len(self.classes_))]

    def check(self, rows: int | None) -> None:
        if len(self.intercept_) > len(self.pairs) or self.gamma_ <= 0:
            raise ValueError("the machines belong to other classes")
        if (np.diff(self.support_, prepend=-1) <= 0).any() or (rows and self.support_[-1:].max(initial=0) >= rows):
            raise ValueError("support_ refers to missing examples")

    def grow(self, X: np.ndarray, y: np.ndarray | None) -> Iterator[Grown]:
        assert y is not None
        if not hasattr(self, "intercept_"):
            variance = float(X.var(dtype=np.float64))
            self.gamma_ = self.gamma or 1 / (X.shape[1] * variance if variance > 0 else 1.0)
            self.intercept_ = self.objective_ = np.zeros(0)
            self.support_, self.dual_ = np.zeros(0, np.int64), np.zeros((0, 0))
            self.support_vectors_ = X[:0]
        while (done := len(self.intercept_)) < len(self.pairs):
            first, second = self.pairs[done]
            rows = np.flatnonzero((y == first) | (y == second))
            mine, sign = X[rows], np.where(y[rows] == first, 1.0, -1.0)
            a, b, dual = solve(
                lambda wanted: self.gram(mine[wanted], mine),
                self._diagonal(mine), sign, float(self.C), self.tolerance, self.megabytes,
            )  # fmt: skip
            held = rows[a > 0]
            support = np.union1d(self.support_, held)
            duals = np.zeros((done + 1, len(support)))
            duals[:done, np.searchsorted(support, self.support_)] = self.dual_
            duals[done, np.searchsorted(support, held)] = (a * sign)[a > 0]
            self.support_, self.dual_, self.support_vectors_ = support, duals, X[support]
            self.intercept_, self.objective_ = np.append(self.intercept_, b), np.append(self.objective_, dual)
            yield {"dual": dual, "support_vectors": len(support), "bounded": int((a >= self.C).sum())}

    def gram(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        """The kernel matrix [M, N] of A [M, D] and B [N, D]."""
        if self.kernel == "rbf":
            d = squared_distances(A, B)
            d *= -self.gamma_
            return np.exp(d, out=d)
        return A @ B.T if self.kernel == "linear" else (self.gamma_ * (A @ B.T) + 1) ** self.degree

    def _diagonal(self, X: np.ndarray) -> np.ndarray:
        if self.kernel == "rbf":
            return np.ones(len(X))
        norms = (X.astype(np.float64) ** 2).sum(1)
        return norms if self.kernel == "linear" else (self.gamma_ * norms + 1) ** self.degree

    def machines(self, X: Any) -> np.ndarray:
        """The output of each machine [N, pairs]."""
        X, out = self.rows(X), []
        for start in range(0, len(X), 1000):
            out.append(self.gram(X[start : start + 1000], self.support_vectors_).astype(np.float64) @ self.dual_.T)
        return np.concatenate(out) + self.intercept_

    def decision_function(self, X: Any) -> np.ndarray:
        """Votes [N, K], plus less than a half for confidence; for two classes [N], positive for the second."""
        said = self.machines(X)
        if len(self.classes_) == 2:
            return -said[:, 0]
        votes, sure = np.zeros((len(said), len(self.classes_))), np.zeros((len(said), len(self.classes_)))
        for column, (first, second) in zip(said.T, self.pairs, strict=False):  # those trained so far
            votes[:, first] += column > 0
            votes[:, second] += column <= 0
            sure[:, first] += column
            sure[:, second] -= column
        return votes + sure / (3 * (abs(sure) + 1))
