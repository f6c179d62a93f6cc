"""Logistic regression by L-BFGS.

    minimise J(W) = - sum_i log p(y_i | x_i) + l2/2 |W|^2,   p = softmax(W x + b)
    dJ/dW = (P - Y)' X + l2 W

L-BFGS: Nocedal 1980; Nocedal & Wright 2006 (N&W), algorithm 7.4: the direction -H g from the last m pairs
(s, y) = (change of the weights, change of the gradient), without forming H.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from supervised.classical.classifier import softmax
from supervised.classical.estimator import Grown
from supervised.classical.linear import Linear


@dataclass(eq=False)
class LogisticRegression(Linear):
    """The softmax of linear functions; `l2` is scikit-learn's 1 / C."""

    shapes: ClassVar[dict[str, str]] = Linear.shapes | {
        "iterate_": "float64 J", "pairs_": "float64 P2J", "steps_": "int64",
    }  # fmt: skip

    l2: float = 1.0
    iterations: int = 200
    tolerance: float = 1e-4
    """Stops when no entry of the mean loss's gradient is larger."""

    @property
    def total(self) -> int:
        return self.iterations

    def check(self, rows: int | None) -> None:
        if len(self.iterate_) != len(self.classes_) * (self.n_features_in_ + 1):
            raise ValueError("iterate_ belongs to other classes or features")

    def grow(self, X: Any, y: np.ndarray | None) -> Iterator[Grown]:
        (N, D), K = X.shape, len(self.classes_)
        X = X.astype(np.float64)
        assert y is not None
        Y = np.eye(K)[y]
        l2 = self.l2 if K > 2 else 2 * self.l2  # two opposite columns w, -w: |W|^2 is half of |w - (-w)|^2

        def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
            """The mean objective over the examples, and its gradient."""
            W = flat.reshape(K, D + 1)  # the last column is b
            P = softmax(X @ W[:, :D].T + W[:, D])
            loss = -np.log(np.maximum(P[np.arange(N), y], 1e-300)).sum() + l2 / 2 * (W[:, :D] ** 2).sum()
            gradient = np.empty_like(W)
            gradient[:, :D] = (X.T @ (P - Y)).T + l2 * W[:, :D]
            gradient[:, D] = (P - Y).sum(0)
            return loss / N, gradient.ravel() / N

        if not hasattr(self, "iterate_"):  # a new fit; else it continues
            self.iterate_, self.pairs_ = np.zeros(K * (D + 1)), np.zeros((0, 2, K * (D + 1)))
            self.steps_ = 0
        loss, gradient = objective(self.iterate_)
        while True:
            W = self.iterate_.reshape(K, D + 1)
            W = W if K > 2 else W[1:] - W[:1]
            self.coef_, self.intercept_ = W[:, :D].copy(), W[:, D].copy()
            if self.steps_ >= self.iterations or abs(gradient).max() <= self.tolerance:
                return
            loss, gradient = self._step(objective, loss, gradient)
            self.steps_ += 1
            yield {"loss": float(loss), "gradient": float(abs(gradient).max())}

    def _step(
        self, objective: Callable[[np.ndarray], tuple[float, np.ndarray]], loss: float, gradient: np.ndarray
    ) -> tuple[float, np.ndarray]:
        direction = -times_inverse_hessian(gradient, self.pairs_)
        slope, length = direction @ gradient, 1.0 if len(self.pairs_) else min(1.0, 1 / abs(gradient).sum())
        while True:  # backtrack until the decrease suffices (Armijo; N&W Eq. 3.4)
            new_loss, new_gradient = objective(self.iterate_ + length * direction)
            if new_loss <= loss + 1e-4 * length * slope or length < 1e-10:
                break
            length /= 2
        s, change = length * direction, new_gradient - gradient
        if s @ change > 1e-12 * (change @ change):  # keeps the curvature positive
            self.pairs_ = np.concatenate([self.pairs_[-9:], np.stack([s, change])[None]])
        self.iterate_ = self.iterate_ + s
        return new_loss, new_gradient

    def predict_proba(self, X: Any) -> np.ndarray:
        return softmax(self.decision_function(X))


def times_inverse_hessian(gradient: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """H g by the two-loop recursion (N&W algorithm 7.4); pairs [m, 2, P], the newest last."""
    q, alphas = gradient.copy(), []
    for s, y in pairs[::-1]:
        alphas.append((s @ q) / (s @ y))
        q -= alphas[-1] * y
    if len(pairs):
        s, y = pairs[-1]
        q *= (s @ y) / (y @ y)  # Eq. 7.20
    for (s, y), alpha in zip(pairs, alphas[::-1], strict=True):
        q += s * (alpha - (y @ q) / (s @ y))
    return q
