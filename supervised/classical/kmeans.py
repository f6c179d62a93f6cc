"""k-means: K centres, each example assigned to the nearest, minimising the sum of squared distances (inertia).

Lloyd 1957 (published 1982)   assign each example to its nearest centre, move each centre to the mean of its examples;
                              repeat until nothing moves
Hartigan & Wong 1979 (AS 136) move one example at a time from cluster a to b if that lowers the inertia, accounting for
                              the shift of both centres:  n_b/(n_b+1) d(x,b)^2 < n_a/(n_a-1) d(x,a)^2
k-means++ (Arthur & Vassilvitskii 2007) initial centres: examples, each drawn in proportion to its squared distance from
                              the nearest centre so far

Deviations: 1. Hartigan and Wong's moves start from Lloyd's result, so their inertia is never higher; their optima are
also Lloyd's, but not vice versa (Telgarsky & Vattani 2010). 2. Without their list of live clusters: a pass visits all
examples and clusters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from supervised.classical.estimator import Grown, Learner
from supervised.classical.kernels.kmeans import hartigan_pass, inertia, nearest, sum_clusters


def squared_distances(X: np.ndarray, C: np.ndarray) -> np.ndarray:
    """|x - c|^2 [N, K] for X [N, D], C [K, D]."""
    d: np.ndarray = X @ (-2 * C.T)
    d += (X * X).sum(1)[:, None]
    d += (C * C).sum(1)
    return np.maximum(d, 0, out=d)


@dataclass(eq=False)
class KMeans(Learner):
    """`cluster_centers_` [K, D], `labels_` [N], `inertia_`."""

    kind: ClassVar[str] = "clusterer"
    dtype: ClassVar[type | None] = None
    shapes: ClassVar[dict[str, str]] = {
        "cluster_centers_": "float CD", "labels_": "int64 N", "inertia_": "float64", "iterations_": "int64",
        "lloyd_is_done_": "bool",
    }  # fmt: skip

    clusters: int = 8
    algorithm: Literal["lloyd", "hartigan-wong"] = "lloyd"
    start: Any = "k-means++"
    """k-means++, random, or the first centres [K, D]."""
    iterations: int = 300
    random_state: int = 0

    @property
    def total(self) -> int:
        return self.iterations

    def check(self, rows: int | None) -> None:
        if not ((self.labels_ >= 0) & (self.labels_ < self.clusters)).all():
            raise ValueError("labels_ belongs to other clusters")
        if len(self.cluster_centers_) != self.clusters:
            raise ValueError("the number of clusters differs")

    def grow(self, X: np.ndarray, y: np.ndarray | None) -> Iterator[Grown]:
        if len(X) < self.clusters:
            raise ValueError(f"n_samples={len(X)} should be >= n_clusters={self.clusters}.")
        if not hasattr(self, "cluster_centers_"):
            self.cluster_centers_ = self._first(X)
            self.labels_, self.inertia_ = _nearest(X, self.cluster_centers_)
            self.iterations_, self.lloyd_is_done_ = 0, False
        while self.iterations_ < self.iterations:
            moved = self._refine(X) if self.lloyd_is_done_ else self._lloyd(X)
            self.iterations_ += 1
            yield {"inertia": self.inertia_, "moved": moved}
            if moved == 0:
                if self.lloyd_is_done_ or self.algorithm == "lloyd":
                    return
                self.lloyd_is_done_ = True

    def _first(self, X: np.ndarray) -> np.ndarray:
        if not isinstance(self.start, str):
            return np.array(self.start, X.dtype)
        rng = np.random.default_rng([self.random_state, 0])
        if self.start == "random":
            return X[rng.choice(len(X), self.clusters, replace=False)].copy()
        centres = [X[rng.integers(len(X))]]
        nearest = ((X - centres[0]) ** 2).sum(1)
        while len(centres) < self.clusters:
            p = nearest / nearest.sum() if nearest.sum() > 0 else None
            centres.append(X[rng.choice(len(X), p=p)])
            nearest = np.minimum(nearest, ((X - centres[-1]) ** 2).sum(1))
        return np.array(centres)

    def _lloyd(self, X: np.ndarray) -> int:
        """Move centres to their means, then reassign examples; returns how many changed centre."""
        before, K = self.labels_, self.clusters
        sums, counts = np.zeros((K, X.shape[1])), np.zeros(K, np.int64)
        sum_clusters(X, before, sums, counts)
        filled = counts > 0
        centres = self.cluster_centers_.copy()  # an empty cluster's centre stays
        centres[filled] = sums[filled] / counts[filled, None]
        self.cluster_centers_ = centres
        self.labels_, self.inertia_ = _nearest(X, centres)
        return int((self.labels_ != before).sum())

    def _refine(self, X: np.ndarray) -> int:
        counts = np.bincount(self.labels_, minlength=self.clusters).astype(np.float64)
        counts = np.maximum(counts, 1e-9)  # an empty cluster accepts any example
        moved = int(hartigan_pass(X, self.cluster_centers_, counts, self.labels_))
        self.inertia_ = float(inertia(X, self.cluster_centers_, self.labels_))
        return moved

    def transform(self, X: Any) -> np.ndarray:
        """Distances [N, K] from the centres."""
        return np.sqrt(squared_distances(self.rows(X), self.cluster_centers_))

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        return self.fit(X).transform(X)

    def fit_predict(self, X: Any, y: Any = None) -> np.ndarray:
        return self.fit(X).labels_

    def predict(self, X: Any) -> np.ndarray:
        """The nearest centre [N]."""
        return squared_distances(self.rows(X), self.cluster_centers_).argmin(1)

    def score(self, X: Any, y: Any = None) -> float:
        """Minus the inertia."""
        return -float(squared_distances(self.rows(X), self.cluster_centers_).min(1).sum())


def _nearest(X: np.ndarray, C: np.ndarray) -> tuple[np.ndarray, float]:
    """(the nearest centre of each example [N], the inertia)."""
    labels = np.empty(len(X), np.int64)
    nearest(X @ (-2 * C.T), (C * C).sum(1), labels)
    return labels, float(inertia(X, C, labels))
