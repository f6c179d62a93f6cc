"""Latent Dirichlet allocation (Blei, Ng & Jordan 2003, JMLR 3), by variational inference.

Every document has its own mixture theta of K topics, every topic is a distribution beta_k over the words, and each word
of a document comes from a topic drawn from theta. What is known are the words only. The posterior is approximated by
independent Dirichlets, gamma for a document's mixture and lambda for a topic's words (their section 5.4), in turns:

    E step, a document    phi_wk ~ exp(E[log theta_k] + E[log beta_kw])        (Eq. 6)    E[log theta_k] = psi(gamma_k) - psi(sum gamma)
                          gamma_k = alpha + sum_w n_w phi_wk                   (Eq. 7)    until gamma stays
    M step                lambda_kw = eta + sum_d n_dw phi_dwk

Both raise the same lower bound of log p(words). Perplexity is exp(- bound / number of words).

Deviation: alpha and eta are given, not estimated (their appendix A.4).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from supervised.classical.estimator import Grown, Learner
from supervised.classical.sgd import csr
from tengen.jit import kernel, routine


@routine
def digamma(x):
    """psi(x) for x > 0: recurrence up to 6, then the asymptotic series."""
    found = 0.0
    while x < 6.0:
        found -= 1.0 / x
        x += 1.0
    f = 1.0 / (x * x)
    series = f * (1 / 12 - f * (1 / 120 - f * (1 / 252 - f * (1 / 240 - f / 132))))
    return found + math.log(x) - 0.5 / x - series


@kernel
def expected_log(parameters):
    """E[log p] [M, K] under Dirichlets with parameters [M, K]."""
    out = np.empty_like(parameters)
    for m in range(len(parameters)):
        whole = digamma(parameters[m].sum())
        for k in range(parameters.shape[1]):
            out[m, k] = digamma(parameters[m, k]) - whole
    return out


@kernel
def e_step(values, columns, starts, topics, alpha, rounds, tolerance, gamma, counts):
    """Set gamma [N, K] of all documents, and add their expected counts / topics to counts [V, K].

    topics [V, K] = exp(E[log beta]).
    """
    K = topics.shape[1]
    mixture, new = np.empty(K), np.empty(K)
    for d in range(len(gamma)):
        gamma[d, :] = 1.0
        change = np.inf
        for step in range(rounds + 1):
            whole = digamma(gamma[d].sum())
            for k in range(K):
                mixture[k] = math.exp(digamma(gamma[d, k]) - whole)
            if step == rounds or change < tolerance:
                break
            new[:] = 0.0
            for j in range(starts[d], starts[d + 1]):
                word = topics[columns[j]]
                norm = 1e-100
                for k in range(K):
                    norm += mixture[k] * word[k]
                for k in range(K):
                    new[k] += values[j] / norm * word[k]
            change = 0.0
            for k in range(K):
                value = alpha + mixture[k] * new[k]
                change += abs(value - gamma[d, k]) / K
                gamma[d, k] = value
        for j in range(starts[d], starts[d + 1]):
            word = topics[columns[j]]
            norm = 1e-100
            for k in range(K):
                norm += mixture[k] * word[k]
            for k in range(K):
                counts[columns[j], k] += values[j] / norm * mixture[k]


@kernel
def words_bound(values, columns, starts, log_mixture, log_topics):
    """sum over all words of log sum_k exp(E[log theta_dk] + E[log beta_kw]); [N, K] and [V, K]."""
    found = 0.0
    for d in range(len(log_mixture)):
        for j in range(starts[d], starts[d + 1]):
            both = log_mixture[d] + log_topics[columns[j]]
            top = both.max()
            found += values[j] * (top + math.log(np.exp(both - top).sum()))
    return found


@kernel
def dirichlet_bound(parameters, logs, prior):
    """sum_m E[log p(. | prior) - log q(. | parameters [M, K])]; logs = expected_log(parameters)."""
    M, K = parameters.shape
    found = M * (math.lgamma(prior * K) - K * math.lgamma(prior))
    for m in range(M):
        for k in range(K):
            found += (prior - parameters[m, k]) * logs[m, k] + math.lgamma(parameters[m, k])
        found -= math.lgamma(parameters[m].sum())
    return found


@dataclass(eq=False)
class LatentDirichlet(Learner):
    """`components_` [K, V]: lambda, which are expected counts of a word in a topic."""

    kind: ClassVar[str] = "transformer"
    sparse: ClassVar[bool] = True
    positive: ClassVar[bool] = True

    topics: int = 10
    alpha: float = 0.0
    """Prior of a document's mixture; 0 takes 1 / topics."""
    eta: float = 0.0
    """Prior of a topic's words; 0 takes 1 / topics."""
    iterations: int = 10
    rounds: int = 100
    """Of the E step, at most."""
    tolerance: float = 1e-3
    """The E step ends when gamma changes by less on average."""
    random_state: int = 0

    @property
    def total(self) -> int:
        return self.iterations

    def grow(self, X: Any, y: np.ndarray | None) -> Iterator[Grown]:
        if not hasattr(self, "components_"):
            rng = np.random.default_rng([self.random_state, 0])
            self.components_ = rng.gamma(100.0, 0.01, (self.topics, X.shape[1]))
            self.iterations_ = 0
        words = max(float(X.sum()), 1e-300)
        while self.iterations_ < self.iterations:
            gamma, counts = self._explain(X)
            topics = np.exp(expected_log(self.components_))
            self.components_ = (self.eta or 1 / self.topics) + topics * counts.T  # M step
            self.iterations_ += 1
            yield {"perplexity": math.exp(-self._bound(X, gamma) / words)}

    def _explain(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """(gamma [N, K], expected counts / topics [V, K]) of the documents X [N, V]."""
        gamma, counts = np.ones((X.shape[0], self.topics)), np.zeros((X.shape[1], self.topics))
        topics = np.exp(expected_log(self.components_)).T.copy()
        alpha = self.alpha or 1 / self.topics
        e_step(*csr(X), topics, alpha, self.rounds, self.tolerance, gamma, counts)
        return gamma, counts

    def _bound(self, X: Any, gamma: np.ndarray) -> float:
        """A lower bound of log p(X): Blei 2003, Eq. 15, with the topics' Dirichlets."""
        mixtures, topics = expected_log(gamma), expected_log(self.components_)
        found = words_bound(*csr(X), mixtures, topics.T.copy())
        found += dirichlet_bound(gamma, mixtures, self.alpha or 1 / self.topics)
        return float(found + dirichlet_bound(self.components_, topics, self.eta or 1 / self.topics))

    def transform(self, X: Any) -> np.ndarray:
        """[N, K] the expected mixture of each document."""
        gamma = self._explain(self.rows(X))[0]
        return gamma / gamma.sum(1, keepdims=True)

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        return self.fit(X, y).transform(X)

    def score(self, X: Any, y: Any = None) -> float:
        """The bound of log p(X), in nats."""
        X = self.rows(X)
        return self._bound(X, self._explain(X)[0])

    def perplexity(self, X: Any) -> float:
        """exp(- bound / words)."""
        return math.exp(-self.score(X) / float(X.sum()))
