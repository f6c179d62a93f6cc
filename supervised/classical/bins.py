"""Bin features by quantiles, for trees that search for splits in histograms (Chen & Guestrin 2016, 3.3)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from supervised.classical.kernels.histograms import bin_features

_BINS = 255


class Bins(NamedTuple):
    """The bin of each of D features in each of N examples: how many of the feature's edges are below it."""

    numbers: np.ndarray  # [D, N] uint8
    offsets: np.ndarray  # [D + 1] where a feature's bins lie
    usual: np.ndarray  # [D] the bin that at least half of the examples are in; -1: there is none
    edges: np.ndarray  # of all features
    starts: np.ndarray  # [D + 1] where a feature's edges lie: it has one bin more than edges


def in_bins(X: np.ndarray) -> Bins:
    """X [N, D] in bins."""
    edges, starts = edges_of(X)
    numbers = np.empty(X.T.shape, np.uint8)
    bin_features(X, edges, starts, numbers)
    usual = np.array([_usual(column, int(n) + 1) for column, n in zip(numbers, np.diff(starts), strict=True)])
    return Bins(numbers, starts + np.arange(len(starts)), usual, edges, starts)


def edges_of(X: np.ndarray, most: int = _BINS) -> tuple[np.ndarray, np.ndarray]:
    """(edges, starts [D + 1]) that cut each feature of X [N, D] into at most `most` bins, by quantiles."""
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
