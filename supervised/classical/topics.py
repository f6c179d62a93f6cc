"""Latent Dirichlet allocation (Blei, Ng & Jordan 2003, JMLR 3), by variational inference.

Every document has its own mixture theta of K topics, every topic is a distribution beta_k over the words, and each word
of a document comes from a topic drawn from theta. Only the words are observed. The posterior is approximated by
independent Dirichlets: gamma for a document's mixture, lambda for a topic's words (their section 5.4). Alternate:

    E[log theta_k] = psi(gamma_k) - psi(sum gamma)                             (Eq. 8)
    E step, a document    phi_wk ~ exp(E[log theta_k] + E[log beta_kw])        (Eq. 6)
                          gamma_k = alpha + sum_w n_w phi_wk                   (Eq. 7)    until gamma converges
    M step                lambda_kw = eta + sum_d n_dw phi_dwk

Both raise the same lower bound on log p(words). Perplexity is exp(- bound / number of words).

Deviation: alpha and eta are given, not estimated (their appendix A.4).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from supervised.classical.estimator import Grown, Learner
from supervised.classical.kernels.topics import dirichlet_bound, e_step, expected_log, words_bound
from supervised.classical.sgd import csr


@dataclass(eq=False)
class LatentDirichlet(Learner):
    """`components_` [K, V]: lambda, the expected count of each word in each topic."""

    kind: ClassVar[str] = "transformer"
    sparse: ClassVar[bool] = True
    positive: ClassVar[bool] = True
    shapes: ClassVar[dict[str, str]] = {"components_": "float64 TD", "iterations_": "int64"}

    topics: int = 10
    alpha: float = 0.0
    """Prior of a document's mixture; 0: 1 / topics."""
    eta: float = 0.0
    """Prior of a topic's words; 0: 1 / topics."""
    iterations: int = 10
    rounds: int = 100
    """Maximum iterations of the E step."""
    tolerance: float = 1e-3
    """The E step ends when gamma's mean change is smaller."""
    random_state: int = 0

    @property
    def total(self) -> int:
        return self.iterations

    def check(self, rows: int | None) -> None:
        if not (self.components_ > 0).all():
            raise ValueError("components_ must be positive")

    def grow(self, X: Any, y: np.ndarray | None) -> Iterator[Grown]:
        if not hasattr(self, "components_"):
            rng = np.random.default_rng([self.random_state, 0])
            self.components_ = rng.gamma(100.0, 0.01, (self.topics, X.shape[1]))
            self.iterations_ = 0
        words = max(float(X.sum()), 1e-300)
        while self.iterations_ < self.iterations:
            rng = np.random.default_rng([self.random_state, 1 + self.iterations_])
            gamma, counts = self._explain(X, rng.gamma(100.0, 0.01, (X.shape[0], self.topics)))
            topics = np.exp(expected_log(self.components_))
            self.components_ = (self.eta or 1 / self.topics) + topics * counts.T  # M step
            self.iterations_ += 1
            yield {"perplexity": math.exp(-self._bound(X, gamma) / words)}

    def _explain(self, X: Any, gamma: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """(gamma [N, K], expected counts / topics [V, K]) of the documents X [N, V], starting at `gamma` or at ones."""
        gamma = np.ones((X.shape[0], self.topics)) if gamma is None else gamma
        counts = np.zeros((X.shape[1], self.topics))
        topics = np.exp(expected_log(self.components_)).T.copy()
        alpha = self.alpha or 1 / self.topics
        e_step(*csr(X), topics, alpha, self.rounds, self.tolerance, gamma, counts)
        return gamma, counts

    def _bound(self, X: Any, gamma: np.ndarray) -> float:
        """The lower bound on log p(X): Blei 2003, Eq. 15, with the topics' Dirichlets."""
        mixtures, topics = expected_log(gamma), expected_log(self.components_)
        found = words_bound(*csr(X), mixtures, topics.T.copy())
        found += dirichlet_bound(gamma, mixtures, self.alpha or 1 / self.topics)
        return float(found + dirichlet_bound(self.components_, topics, self.eta or 1 / self.topics))

    def transform(self, X: Any) -> np.ndarray:
        """The expected mixture of each document [N, K]."""
        gamma = self._explain(self.rows(X))[0]
        return gamma / gamma.sum(1, keepdims=True)

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        return self.fit(X, y).transform(X)

    def score(self, X: Any, y: Any = None) -> float:
        """The lower bound on log p(X), in nats."""
        X = self.rows(X)
        return self._bound(X, self._explain(X)[0])

    def document_bounds(self, X: Any) -> np.ndarray:
        """The part of `score` that belongs to each document [N]; the rest is that of the topics."""
        X = self.rows(X)
        gamma, topics = self._explain(X)[0], expected_log(self.components_).T.copy()
        bounds = np.empty(len(gamma))
        for i in range(len(gamma)):
            one = gamma[i : i + 1]
            mixture = expected_log(one)
            bounds[i] = words_bound(*csr(X[i : i + 1]), mixture, topics)
            bounds[i] += dirichlet_bound(one, mixture, self.alpha or 1 / self.topics)
        return bounds

    def perplexity(self, X: Any) -> float:
        """exp(- bound / words)."""
        return math.exp(-self.score(X) / float(X.sum()))
