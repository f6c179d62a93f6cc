"""A tree of sums: draws numbers in proportion to their size (Schaul 2016, arXiv:1511.05952, B.2.1).

    fractions of the total      0        0.3         0.6  0.7        1
                                |---------|-----------|----|---------|
    leaf                             0          1       2       3

Changing a leaf, and finding the leaf under a fraction, take as many steps as the tree has levels.
"""

from __future__ import annotations

import numpy as np


class SumTree:
    """`size` numbers, all 0 at first. Node 1 is the root; node i has the children 2i and 2i + 1."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._leaves = 1 << max(1, (size - 1).bit_length())  # the first leaf's node
        self._sum = np.zeros(2 * self._leaves)

    @property
    def total(self) -> float:
        return float(self._sum[1])

    def get(self, leaf: np.ndarray) -> np.ndarray:
        return self._sum[self._leaves + leaf]

    def all(self) -> np.ndarray:
        """A copy of the numbers [size]."""
        return self._sum[self._leaves : self._leaves + self._size].copy()

    def set(self, leaf: np.ndarray, value: np.ndarray) -> None:
        node = self._leaves + leaf
        self._sum[node] = value
        while node[0] > 1:
            node = np.unique(node // 2)
            self._sum[node] = self._sum[2 * node] + self._sum[2 * node + 1]

    def draw(self, fraction: np.ndarray) -> np.ndarray:
        """The leaves [N] under fractions [N] of the total, each in [0, 1)."""
        rest, node = fraction * self._sum[1], np.ones(len(fraction), np.int64)
        while node[0] < self._leaves:
            left = self._sum[2 * node]
            right = rest >= left
            rest = np.where(right, rest - left, rest)
            node = 2 * node + right
        return np.minimum(node - self._leaves, self._size - 1)
