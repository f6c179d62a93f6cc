"""Variational inference for topics (topics.py; equation numbers of Blei 2003), compiled."""

import math

import numpy as np

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
    """E[log p] [M, K] under Dirichlet distributions with parameters [M, K]."""
    out = np.empty_like(parameters)
    for m in range(len(parameters)):
        whole = digamma(parameters[m].sum())
        for k in range(parameters.shape[1]):
            out[m, k] = digamma(parameters[m, k]) - whole
    return out


@kernel
def e_step(values, columns, starts, topics, alpha, rounds, tolerance, gamma, counts):
    """Update gamma [N, K] of all documents in place, and add their expected counts / topics to counts [V, K].

    topics [V, K] = exp(E[log beta]).
    """
    K = topics.shape[1]
    mixture, new = np.empty(K), np.empty(K)
    for d in range(len(gamma)):
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
