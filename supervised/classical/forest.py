"""A random forest: many trees that vote (Breiman 2001, Machine Learning 45).

Each tree grows on examples drawn with replacement, and each split is chosen among a few features drawn at random; they
vote by the mean of their probabilities. About a third of the examples (1/e) are not drawn for a given tree: the mean
vote of the trees that have not seen an example is an honest error estimate, out of the bag.

Deviation: trees vote by their leaves' class fractions, not by whole votes (as scikit-learn's do).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from supervised.classical.estimator import Grown
from supervised.classical.tree import Trees, encode, one_tree


@dataclass(eq=False)
class RandomForest(Trees):
    """Many trees, each grown on a bootstrap sample, with few features per node."""

    unit: ClassVar[str] = "trees"
    shapes: ClassVar[dict[str, str]] = Trees.shapes | {"out_of_bag_": "float64 NK"}

    trees: int = 100
    features: int = 0
    """Drawn at each node; 0 takes the square root of their number."""
    max_depth: int = 0
    min_leaf: int = 1
    threads: int = 1
    random_state: int = 0

    @property
    def total(self) -> int:
        return self.trees

    def grow(self, X: np.ndarray, y: np.ndarray | None) -> Iterator[Grown]:
        self._start()
        assert y is not None
        data, (N, D), K = encode(X), X.shape, len(self.classes_)
        features = self.features or max(1, int(D**0.5))
        if not hasattr(self, "out_of_bag_"):
            self.out_of_bag_ = np.zeros((N, K))  # votes of the trees that have not seen an example

        def grown(number: int) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
            rng = np.random.default_rng([self.random_state, number])
            weight = np.bincount(rng.integers(N, size=N), minlength=N).astype(np.float64)
            seed = int(rng.integers(1, 2**62))
            return weight, one_tree(data, y, weight, K, features, self.max_depth, self.min_leaf, seed)

        with ThreadPoolExecutor(self.threads) as pool:
            while (done := len(self.roots_)) < self.trees:
                batch = range(done, min(self.trees, done + self.threads))
                found = list(pool.map(grown, batch)) if self.threads > 1 else [grown(done)]
                self._add([tree for _, tree in found])
                for (weight, _), root in zip(found, self.roots_[done:], strict=True):
                    unseen = np.flatnonzero(weight == 0)
                    self.out_of_bag_[unseen] += self._votes(X[unseen], np.array([root]))
                    known = self.out_of_bag_.sum(1) > 0
                    right = self.out_of_bag_[known].argmax(1) == y[known]
                    yield {
                        "nodes": len(self.nodes_),
                        "out_of_bag_accuracy": float(right.mean()) if known.any() else 0.0,
                    }
