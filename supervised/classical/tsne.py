"""t-SNE (van der Maaten & Hinton 2008, JMLR 9): a two-dimensional map in which neighbours stay close.

    p_j|i ~ exp(-beta_i |x_i - x_j|^2)    beta_i such that exp(H(p_i)) is the given perplexity                 (Eq. 1)
    p_ij = (p_j|i + p_i|j) / 2N
    q_ij ~ (1 + |y_i - y_j|^2)^-1         a Student t, which avoids crowding                                   (Eq. 4)
    minimise KL(P || Q):   dC/dy_i = 4 sum_j (p_ij - q_ij) (y_i - y_j) (1 + |y_i - y_j|^2)^-1                  (Eq. 5)

by gradient descent with momentum and gains, with early exaggeration of P (section 3.4).

Deviations: 1. p_j|i only for the 3 * perplexity nearest neighbours (van der Maaten 2014): attraction is a sparse sum.
2. Repulsion is summed over all pairs: exact, N^2 per step. 3. The map starts as the first two principal components.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from supervised.classical.estimator import Grown, Learner
from supervised.classical.kernels.tsne import attraction, conditional, repulsion
from supervised.classical.kmeans import squared_distances
from supervised.classical.projections import PCA
from tengen.jit import spread

_EXAGGERATION, _EXAGGERATED = 12.0, 250  # iterations


def affinities(X: np.ndarray, perplexity: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """P as (values, columns, starts [N + 1]) of a symmetric CSR matrix that sums to 1."""
    N = len(X)
    k = min(N - 1, int(3 * perplexity) + 1)
    near, distances = np.empty((N, k), np.int64), np.empty((N, k))
    for start in range(0, N, 512):
        d = squared_distances(X[start : start + 512], X)
        d[np.arange(len(d)), np.arange(start, start + len(d))] = np.inf
        near[start : start + 512] = np.argpartition(d, k - 1, axis=1)[:, :k]
        distances[start : start + 512] = np.take_along_axis(d, near[start : start + 512], 1)
    p = np.empty((N, k))
    conditional(distances, min(perplexity, k), p)
    i, j = np.repeat(np.arange(N), k), near.ravel()
    pairs = np.concatenate([i * N + j, j * N + i])
    keys, where = np.unique(pairs, return_inverse=True)
    values = np.bincount(where, np.tile(p.ravel(), 2)) / (2 * N)
    starts = np.concatenate([[0], np.cumsum(np.bincount(keys // N, minlength=N))])
    return values, keys % N, starts


@dataclass(eq=False)
class TSNE(Learner):
    """`embedding_` [N, 2], `kl_divergence_`."""

    kind: ClassVar[str] = "transformer"
    at_least: ClassVar[int] = 2
    stride: ClassVar[int] = 10
    shapes: ClassVar[dict[str, str]] = {
        "embedding_": "float64 N2", "speed_": "float64 N2", "gains_": "float64 N2", "iterations_": "int64",
        "kl_divergence_": "float64",
    }  # fmt: skip

    perplexity: float = 30.0
    iterations: int = 1000
    lr: float = 0.0
    """0: N / 48, at least 50 (Belkina 2019)."""
    threads: int = 1

    @property
    def total(self) -> int:
        return self.iterations

    def grow(self, X: np.ndarray, y: np.ndarray | None) -> Iterator[Grown]:
        N = len(X)
        values, columns, starts = affinities(X, self.perplexity)
        if not hasattr(self, "embedding_"):
            first = PCA(components=2).fit(X).transform(X)
            first = np.pad(first, ((0, 0), (0, 2 - first.shape[1])))
            self.embedding_ = first / max(first[:, 0].std(), 1e-12) * 1e-4
            self.speed_, self.gains_ = np.zeros((N, 2)), np.ones((N, 2))
            self.iterations_ = 0
        lr = self.lr or max(50.0, N / _EXAGGERATION / 4)
        while self.iterations_ < self.iterations:
            for _ in range(min(self.stride, self.iterations - self.iterations_)):
                early = self.iterations_ < _EXAGGERATED
                gradient, Z = self._gradient(values, columns, starts, _EXAGGERATION if early else 1.0)
                same = np.sign(gradient) == np.sign(self.speed_)
                self.gains_ = np.maximum(np.where(same, 0.8 * self.gains_, self.gains_ + 0.2), 0.01)
                self.speed_ = (0.5 if early else 0.8) * self.speed_ - lr * self.gains_ * gradient
                self.embedding_ = self.embedding_ + self.speed_
                self.iterations_ += 1
            self.kl_divergence_ = self._divergence(values, columns, starts, Z)
            yield {"kl": self.kl_divergence_, "gradient": float(np.linalg.norm(gradient))}

    def _gradient(
        self, values: np.ndarray, columns: np.ndarray, starts: np.ndarray, exaggeration: float
    ) -> tuple[np.ndarray, float]:
        """(dC/dy [N, 2], sum of all w_ij)."""
        a, b = self.embedding_.T.astype(np.float32)
        N = len(a)
        push, weight, pull = np.empty((2, N), np.float32), np.empty(N, np.float32), np.empty((2, N))

        def forces(start: int, stop: int) -> None:
            repulsion(a, b, start, stop, push, weight)
            attraction(a, b, values, columns, starts, start, stop, pull)

        spread(forces, N, self.threads)
        Z = max(float(weight.sum(dtype=np.float64)), 1e-12)
        return 4 * (exaggeration * pull - push / Z).T, Z

    def _divergence(self, values: np.ndarray, columns: np.ndarray, starts: np.ndarray, Z: float) -> float:
        """KL(P || Q) in nats, with the sum Z of the previous step."""
        rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        d = ((self.embedding_[rows] - self.embedding_[columns]) ** 2).sum(1)
        some = values > 0
        return float((values[some] * (np.log(values[some]) + np.log1p(d[some]) + np.log(Z))).sum())

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        return self.fit(X, y).embedding_


def trustworthiness(X: np.ndarray, Y: np.ndarray, neighbours: int = 5) -> float:
    """How well the neighbours in the map Y [N, 2] agree with those in X [N, D]; at best 1 (Venna & Kaski 2001)."""
    return float(trustworthiness_of_each(X, Y, neighbours).mean())


def trustworthiness_of_each(X: np.ndarray, Y: np.ndarray, neighbours: int = 5) -> np.ndarray:
    """[N], of which `trustworthiness` is the mean: 1 where all neighbours in the map are neighbours in X."""
    N, k = len(X), neighbours
    far = np.zeros(N)
    for i in range(N):
        d = squared_distances(X[i : i + 1], X)[0]
        d[i] = -1
        rank = np.empty(N, np.int64)
        rank[np.argsort(d, kind="stable")] = np.arange(N)  # the point itself has rank 0
        e = squared_distances(Y[i : i + 1], Y)[0]
        e[i] = np.inf
        far[i] = np.maximum(rank[np.argpartition(e, k)[:k]] - k, 0).sum()
    return 1 - far * 2 / (k * (2 * N - 3 * k - 1))
