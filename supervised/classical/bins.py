"""Quantile binning of features, for trees that find splits in histograms (Chen & Guestrin 2016, section 3.3)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from supervised.classical.kernels.histograms import bin_features

_BINS = 255


class Bins(NamedTuple):
    """The bin number of each of D features in N examples: how many of the feature's edges are below the value."""

    numbers: np.ndarray  # [D, N] uint8
    offsets: np.ndarray  # [D + 1] where each feature's bins start
    usual: np.ndarray  # [D] the bin holding at least half of the examples; -1: none does
    edges: np.ndarray  # of all features
    starts: np.ndarray  # [D + 1] where each feature's edges start; a feature has one bin more than edges

    def thresholds(self, nodes: np.ndarray) -> np.ndarray:
        """[M] the edge at which each of `nodes` [M, 3] splits (its feature, its last bin on the left); 0 for leaves."""
        inner = nodes[:, 0] >= 0
        thresholds = np.zeros(len(nodes))
        thresholds[inner] = self.edges[self.starts[nodes[inner, 0]] + nodes[inner, 1]]
        return thresholds


def in_bins(X: np.ndarray) -> Bins:
    """Sort the values of X [N, D] into bins."""
    edges, starts = edges_of(X)
    numbers = np.empty(X.T.shape, np.uint8)
    bin_features(X, edges, starts, numbers)
    usual = np.array([_usual(column, int(n) + 1) for column, n in zip(numbers, np.diff(starts), strict=True)])
    return Bins(numbers, starts + np.arange(len(starts)), usual, edges, starts)


def edges_of(X: np.ndarray, most: int = _BINS) -> tuple[np.ndarray, np.ndarray]:
    """(edges, starts [D + 1]) that divide each feature of X [N, D] into at most `most` bins, by quantiles."""
    found = []
    for column in X.T:
        distinct = np.unique(column)
        if len(distinct) > most:
            found.append(np.unique(np.quantile(column, np.linspace(0, 1, most + 1)[1:-1], method="midpoint")))
        else:
            found.append((distinct[:-1] + distinct[1:]) / 2)
    return np.concatenate(found), np.cumsum([0, *map(len, found)])


def _usual(column: np.ndarray, count: int) -> int:
    many = np.bincount(column, minlength=count)
    return int(many.argmax()) if 2 * many.max() >= len(column) else -1
