"""Gradient boosting of trees with second derivatives (XGBoost; Chen & Guestrin 2016, arXiv:1603.02754).

Trees are added one by one, each correcting the errors of the sum before it. With g and h the first and second
derivatives of an example's loss with respect to its score, a tree with leaves j of weights w_j lowers the loss by

    - sum_j (G_j w_j + 1/2 (H_j + lambda) w_j^2) - gamma T        G_j, H_j: sums over the leaf, T leaves   (Eq. 4)

so the best weight is w_j = - G_j / (H_j + lambda) (Eq. 5), and a split gains

    1/2 (G_L^2/(H_L+lambda) + G_R^2/(H_R+lambda) - G^2/(H+lambda)) - gamma                                  (Eq. 7)

With K > 2 classes a round adds a tree for each class, with g = p - y, h = p (1 - p); these trees are independent and
grow in parallel threads.

Deviations: 1. Trees grow best-first up to a number of leaves (as in LightGBM and scikit-learn), not level by level.
2. gamma stops growth; the paper prunes backwards. 3. No missing values. 4. Threads work on separate trees, not
features: with two classes only one is busy. 5. Scores start at the logarithms of the class frequencies.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from supervised.classical import checks
from supervised.classical.bins import Bins, in_bins
from supervised.classical.classifier import Classifier, softmax
from supervised.classical.estimator import Grown
from supervised.classical.kernels.boosting import ask_boosted, boost_tree
from supervised.classical.tree import importances
from tengen.jit import spread


@dataclass(eq=False)
class Boosting(Classifier):
    """A classifier by gradient-boosted trees."""

    unit: ClassVar[str] = "rounds"
    dtype: ClassVar[type | None] = np.float32
    shapes: ClassVar[dict[str, str]] = {
        "prior_": "float64 S", "roots_": "int64 RS", "nodes_": "int32 M3", "thresholds_": "float64 M",
        "numbers_": "float64 M2",
    }  # fmt: skip

    rounds: int = 100
    leaves: int = 31
    max_depth: int = 0
    """0: no limit."""
    min_leaf: int = 20
    """Minimum number of examples in a leaf, each weighted by its share of H."""
    lr: float = 0.1
    """Each tree's weights are multiplied by this (shrinkage, section 2.3)."""
    l2: float = 1.0
    """lambda."""
    gamma: float = 0.0
    """The minimum gain of a split."""
    columns: float = 1.0
    """Fraction of the features available in a round (column subsampling, section 2.3)."""
    threads: int = 1
    random_state: int = 0

    @property
    def total(self) -> int:
        return self.rounds

    def grow(self, X: np.ndarray, y: np.ndarray | None) -> Iterator[Grown]:
        assert y is not None
        (N, D), K, bins = X.shape, len(self.classes_), in_bins(X)
        trees = K if K > 2 else 1
        if not hasattr(self, "roots_"):
            self.prior_ = np.log(np.bincount(y) / N)
            self.prior_ = self.prior_ if K > 2 else self.prior_[1:] - self.prior_[:1]
            self.nodes_, self.numbers_ = np.zeros((0, 3), np.int32), np.zeros((0, 2))
            self.thresholds_, self.roots_ = np.zeros(0), np.zeros((0, trees), np.int64)
        scores = self._scores(X)  # [N, K], or [N, 1] for two classes
        histograms = np.zeros((self.threads, self.leaves, int(bins.offsets[-1]), 2))
        target = np.eye(K)[y][:, -trees:]  # for two classes, the second
        with ThreadPoolExecutor(self.threads) as pool:
            while (done := len(self.roots_)) < self.rounds:
                p = softmax(scores)[:, -trees:] if K > 2 else softmax(scores[:, 0])[:, 1:]
                g, h = (p - target).T.copy(), (p * (1 - p)).T.copy()  # [trees, N]
                features = self._features(D, done)
                grown: list[Any] = [None] * trees

                def work(thread: int) -> None:
                    for k in range(thread, trees, self.threads):
                        grown[k] = self._tree(bins, features, g[k], h[k], histograms[thread])

                list(pool.map(work, range(self.threads))) if self.threads > 1 else work(0)
                self._add(grown, bins)
                scores += np.stack([value for _, _, value in grown], 1)
                p = softmax(scores if K > 2 else scores[:, 0])
                yield {"loss": float(-np.log(np.maximum(p[np.arange(N), y], 1e-300)).mean())}

    def _features(self, D: int, number: int) -> np.ndarray:
        """The features available in round `number`."""
        if self.columns >= 1:
            return np.arange(D)
        rng = np.random.default_rng([self.random_state, number])
        return np.sort(rng.permutation(D)[: max(1, round(self.columns * D))])

    def _tree(
        self, bins: Bins, features: np.ndarray, g: np.ndarray, h: np.ndarray, histograms: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Grow one more tree: (nodes, numbers, value of each example [N])."""
        nodes, numbers = np.zeros((2 * self.leaves, 3), np.int32), np.zeros((2 * self.leaves, 2))
        value, rows = np.empty(len(g)), np.arange(len(g))
        limits = (self.leaves, self.max_depth, float(self.min_leaf), float(self.l2), float(self.gamma))
        count = boost_tree(*bins[:3], features, g, h, *limits, rows, histograms, nodes, numbers, value)
        numbers[:, 0] *= self.lr
        return nodes[:count], numbers[:count], self.lr * value

    def _add(self, grown: list[Any], bins: Bins) -> None:
        sizes = np.cumsum([len(self.nodes_), *(len(nodes) for nodes, _, _ in grown)])
        self.roots_ = np.concatenate([self.roots_, sizes[None, :-1]])
        nodes = np.concatenate([nodes for nodes, _, _ in grown])
        self.nodes_ = np.concatenate([self.nodes_, nodes])
        self.thresholds_ = np.concatenate([self.thresholds_, bins.thresholds(nodes)])
        self.numbers_ = np.concatenate([self.numbers_, *(numbers for _, numbers, _ in grown)])

    def _scores(self, X: np.ndarray) -> np.ndarray:
        out = np.tile(self.prior_, (len(X), 1))
        values = self.numbers_[:, 0].copy()

        def ask(start: int, stop: int) -> None:
            ask_boosted(X, self.nodes_, self.thresholds_, values, self.roots_, start, stop, out)

        spread(ask, len(X), self.threads)
        return out

    def check(self, rows: int | None) -> None:
        checks.trees(self.nodes_, self.roots_, int(self.n_features_in_), 2, 1)

    def decision_function(self, X: Any) -> np.ndarray:
        """Scores [N, K], for two classes [N]."""
        scores = self._scores(self.rows(X))
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict_proba(self, X: Any) -> np.ndarray:
        return softmax(self.decision_function(X))

    def importances(self) -> np.ndarray:
        """[D]: each feature's share of the total gain."""
        return importances(self.nodes_, self.numbers_[:, 1], int(self.n_features_in_))
