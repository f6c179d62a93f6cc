"""A decision tree: CART (Breiman, Friedman, Olshen & Stone 1984).

Each node asks one question: is feature f at most t? Of all questions, it asks the one that leaves the smallest Gini
impurity 1 - sum_k p_k^2 in its two children; it stops when all examples of a node have the same class.

Deviation: features are rounded to float32.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from supervised.classical import checks
from supervised.classical.classifier import Classifier
from supervised.classical.estimator import Grown
from supervised.classical.kernels.trees import ask_trees, grow_tree
from tengen.jit import spread


def encode(X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(codes [D, N], values, offsets [D + 1]) of X [N, D]: a feature's codes are ranks among its distinct values.

    With more than 65,536 distinct values, every second (third …) is kept; the others are rounded down to one of these.
    """
    codes, values = np.empty(X.T.shape, np.uint16), []
    for f, column in enumerate(X.T):
        distinct = np.unique(column)
        stride = -(-len(distinct) // 65_536)
        codes[f] = np.searchsorted(distinct, column) // stride
        values.append(distinct[::stride])
    return codes, np.concatenate(values).astype(np.float64), np.cumsum([0, *map(len, values)])


def importances(nodes: np.ndarray, gained: np.ndarray, features: int) -> np.ndarray:
    """[features]: each feature's share of the splits' total gain; nodes [M, 3], gained [M]."""
    inner = nodes[:, 0] >= 0
    total = np.bincount(nodes[inner, 0], gained[inner], features)
    return total / max(total.sum(), 1e-300)


class Trees(Classifier):
    """Trees concatenated in flat arrays (kernels/trees.py)."""

    dtype: ClassVar[type | None] = np.float32
    shapes: ClassVar[dict[str, str]] = {"nodes_": "int32 M3", "numbers_": "float64 MF", "roots_": "int64 R"}

    nodes_: np.ndarray  # [M, 3] feature (-1: leaf), right child, examples
    numbers_: np.ndarray  # [M, 2 + K] threshold, decrease of impurity, fractions of the classes
    roots_: np.ndarray  # [T] where each tree starts

    def _start(self) -> None:
        if not hasattr(self, "roots_"):
            self.nodes_ = np.zeros((0, 3), np.int32)
            self.numbers_ = np.zeros((0, 2 + len(self.classes_)))
            self.roots_ = np.zeros(0, np.int64)

    def _add(self, trees: list[tuple[np.ndarray, np.ndarray]]) -> None:
        sizes = [len(self.nodes_), *(len(nodes) for nodes, _ in trees)]
        self.roots_ = np.concatenate([self.roots_, np.cumsum(sizes)[:-1]])
        self.nodes_ = np.concatenate([self.nodes_, *(nodes for nodes, _ in trees)])
        self.numbers_ = np.concatenate([self.numbers_, *(numbers for _, numbers in trees)])

    def check(self, rows: int | None) -> None:
        if self.numbers_.shape[1] != 2 + len(self.classes_):
            raise ValueError("the trees belong to other classes")
        checks.trees(self.nodes_, self.roots_, int(self.n_features_in_), 1, 0)

    def predict_proba(self, X: Any) -> np.ndarray:
        """The mean of the trees' probabilities [N, K]."""
        return self._votes(self.rows(X), self.roots_) / len(self.roots_)

    def _votes(self, X: np.ndarray, roots: np.ndarray) -> np.ndarray:
        """The sum [N, K] of the probabilities of the trees that start at `roots`."""
        out = np.zeros((len(X), len(self.classes_)))
        thresholds, fractions = self.numbers_[:, 0].copy(), self.numbers_[:, 2:].astype(np.float32)

        def ask(start: int, stop: int) -> None:
            ask_trees(X, self.nodes_, thresholds, fractions, roots, start, stop, out)

        spread(ask, len(X), getattr(self, "threads", 1))
        return out

    def importances(self) -> np.ndarray:
        """[D]: each feature's share of the decrease in impurity."""
        return importances(self.nodes_, self.numbers_[:, 1], int(self.n_features_in_))


@dataclass(eq=False)
class DecisionTree(Trees):
    """A single tree on all examples; every node considers every feature."""

    unit: ClassVar[str] = "trees"

    max_depth: int = 0
    """0: grow until every leaf is pure."""
    min_leaf: int = 1

    def grow(self, X: np.ndarray, y: np.ndarray | None) -> Iterator[Grown]:
        self._start()
        assert y is not None
        tree = one_tree(encode(X), y, np.ones(len(y)), len(self.classes_), X.shape[1], self.max_depth, self.min_leaf, 1)
        self._add([tree])
        yield {"nodes": len(self.nodes_)}


def one_tree(
    data: tuple[np.ndarray, np.ndarray, np.ndarray],
    y: np.ndarray,
    weight: np.ndarray,
    classes: int,
    features: int,
    max_depth: int,
    min_leaf: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """(nodes, numbers) of a tree trained on the examples with weights `weight` [N]."""
    rows = np.flatnonzero(weight)
    nodes, numbers = np.empty((2 * len(rows), 3), np.int32), np.empty((2 * len(rows), 2 + classes))
    count = grow_tree(*data, y, weight, rows, classes, features, max_depth, min_leaf, seed, nodes, numbers)
    return nodes[:count].copy(), numbers[:count].copy()
