"""Linear maps to few dimensions: PCA, and Fisher's linear discriminants.

PCA (Pearson 1901, Hotelling 1933)     the directions of largest variance: eigenvectors of the covariance
Linear discriminants (Fisher 1936)     the directions that separate the classes best relative to their spread:
                                       S_b v = lambda S_w v with the scatter between and within classes.
                                       As a classifier: Gaussian classes with a shared covariance, so linear boundaries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from supervised.classical.classifier import softmax
from supervised.classical.estimator import Grown, Learner
from supervised.classical.linear import Linear


@dataclass(eq=False)
class PCA(Learner):
    """`components_` [C, D] of unit length, largest variance first; `explained_variance_` [C]."""

    kind: ClassVar[str] = "transformer"
    at_least: ClassVar[int] = 2
    shapes: ClassVar[dict[str, str]] = {
        "mean_": "float64 D", "components_": "float64 CD", "explained_variance_": "float64 C",
        "explained_variance_ratio_": "float64 C",
    }  # fmt: skip

    components: int = 0
    """0: all."""

    def grow(self, X: np.ndarray, y: np.ndarray | None) -> Iterator[Grown]:
        N, D = X.shape
        self.mean_ = X.mean(0)
        centred = X - self.mean_
        if N >= D:
            variance, vectors = np.linalg.eigh(centred.T @ centred / (N - 1))
            variance, vectors = variance[::-1], vectors.T[::-1]
        else:  # the same with the smaller matrix X X'
            variance, left = np.linalg.eigh(centred @ centred.T / (N - 1))
            variance, vectors = variance[::-1], (centred.T @ left).T[::-1]
            vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-300)
        count = min(self.components or D, N, D)
        signs = np.sign(vectors[np.arange(len(vectors)), abs(vectors).argmax(1)])  # the largest entry is positive
        self.components_ = (vectors * signs[:, None])[:count]
        self.explained_variance_ = np.maximum(variance, 0)[:count]
        self.explained_variance_ratio_ = self.explained_variance_ / max(np.maximum(variance, 0).sum(), 1e-300)
        yield {"explained": float(self.explained_variance_ratio_.sum())}

    def transform(self, X: Any) -> np.ndarray:
        """Coordinates [N, C] along the components."""
        return self.rows(X) @ self.components_.T - self.mean_ @ self.components_.T  # type: ignore[no-any-return]

    def inverse_transform(self, Z: np.ndarray) -> np.ndarray:
        """The examples [N, D] with coordinates Z [N, C]."""
        return Z @ self.components_ + self.mean_

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        return self.fit(X, y).transform(X)


@dataclass(eq=False)
class LinearDiscriminants(Linear):
    """`scalings_` [D, K - 1]: the directions, best first, scaled to unit scatter within classes."""

    sparse: ClassVar[bool] = False
    dtype: ClassVar[type | None] = np.float64
    at_least: ClassVar[int] = 2
    shapes: ClassVar[dict[str, str]] = Linear.shapes | {
        "means_": "float64 KD", "priors_": "float64 K", "mean_": "float64 D", "scalings_": "float64 DC",
        "explained_variance_ratio_": "float64 C",
    }  # fmt: skip

    shrinkage: float = 1e-6
    """Fraction of the mean variance added to every feature's, to avoid directions without variance."""

    def grow(self, X: np.ndarray, y: np.ndarray | None) -> Iterator[Grown]:
        assert y is not None
        (N, D), K = X.shape, len(self.classes_)
        if N <= K:
            raise ValueError(f"{N} samples of {K} classes: their scatter is unknown (n_samples = {N})")
        counts = np.bincount(y)
        self.means_, self.priors_ = np.stack([X[y == k].mean(0) for k in range(K)]), counts / N
        centred = X - self.means_[y]
        within = centred.T @ centred / (N - K)  # [D, D]
        within += self.shrinkage * max(np.trace(within) / D, 1e-12) * np.eye(D)
        variance, vectors = np.linalg.eigh(within)
        whiten = vectors / np.sqrt(np.maximum(variance, 1e-300))  # the within-class scatter becomes the identity
        self.mean_ = self.priors_ @ self.means_
        spread = np.sqrt(counts / max(1, K - 1))[:, None] * ((self.means_ - self.mean_) @ whiten)  # [K, D]
        _, s, directions = np.linalg.svd(spread, full_matrices=False)
        count = max(1, min(K - 1, int((s > 1e-9 * max(s[0], 1e-300)).sum())))
        self.scalings_ = whiten @ directions[:count].T
        self.explained_variance_ratio_ = (s**2 / max((s**2).sum(), 1e-300))[:count]
        weights = self.means_ @ whiten @ whiten.T  # S_w^-1 m_k
        bias = np.log(self.priors_) - 0.5 * (weights * self.means_).sum(1)
        self.coef_, self.intercept_ = (weights, bias) if K > 2 else (weights[1:] - weights[:1], bias[1:] - bias[:1])
        yield {"explained": float(self.explained_variance_ratio_[:2].sum())}

    def transform(self, X: Any) -> np.ndarray:
        """Coordinates [N, K - 1] along the discriminants."""
        return (self.rows(X) - self.mean_) @ self.scalings_

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        return self.fit(X, y).transform(X)

    def predict_proba(self, X: Any) -> np.ndarray:
        return softmax(self.decision_function(X))
