"""Linear models: least squares, and logistic regression by L-BFGS.

Least squares    minimise |X w - y|^2 + l2 |w|^2,       w = (X'X + l2 I)^-1 X'y     (the normal equations)
Logistic         minimise J(W) = - sum_i log p(y_i | x_i) + l2/2 |W|^2,   p = softmax(W x + b)
                 dJ/dW = (P - Y)' X + l2 W
L-BFGS           Nocedal 1980; Nocedal & Wright 2006, algorithm 7.4: the direction -H g from the last m pairs
                 (s, y) = (change of the weights, change of the gradient), without ever forming H.

As a classifier, least squares fits 1 for an example's class and -1 for every other one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from supervised.classical.estimator import Classifier, Grown, Learner, softmax


def least_squares(X: Any, Y: np.ndarray, l2: float) -> tuple[np.ndarray, np.ndarray]:
    """(W [D, K], b [K]) that minimise |X W + b - Y|^2 + l2 |W|^2, for X [N, D], Y [N, K]; b is not shrunk."""
    X = (X.toarray() if hasattr(X, "tocsr") else X).astype(np.float64)
    mean_x, mean_y = X.mean(0), Y.mean(0)
    centred = X - mean_x
    if l2 and len(X) < X.shape[1]:  # W = X' (X X' + l2 I)^-1 Y: the smaller of the two systems
        W = centred.T @ np.linalg.solve(centred @ centred.T + l2 * np.eye(len(X)), Y - mean_y)
    elif l2:
        W = np.linalg.solve(centred.T @ centred + l2 * np.eye(X.shape[1]), centred.T @ (Y - mean_y))
    else:
        W = np.linalg.lstsq(centred, Y - mean_y, rcond=None)[0]  # the smallest where there are several
    return W, mean_y - mean_x @ W


@dataclass(eq=False)
class LinearRegression(Learner):
    """y = w x + b by least squares; `l2` shrinks w (ridge regression, Hoerl & Kennard 1970)."""

    kind: ClassVar[str] = "regressor"
    sparse: ClassVar[bool] = True

    l2: float = 0.0

    def grow(self, X: Any, y: np.ndarray | None) -> Iterator[Grown]:
        assert y is not None
        W, b = least_squares(X, y[:, None], self.l2)
        self.coef_, self.intercept_ = W[:, 0], float(b[0])
        yield {"loss": float(np.mean((X @ self.coef_ + self.intercept_ - y) ** 2))}

    def predict(self, X: Any) -> np.ndarray:
        predicted: np.ndarray = self.rows(X) @ self.coef_ + self.intercept_
        return predicted

    def score(self, X: Any, y: Any) -> float:
        """The share of the variance that is explained, R^2."""
        y = np.asarray(y)
        return 1 - float(((self.predict(X) - y) ** 2).sum() / ((y - y.mean()) ** 2).sum())


class Linear(Classifier):
    """Scores that are linear in the features."""

    coef_: np.ndarray  # [K, D], or [1, D] of two classes
    intercept_: np.ndarray  # [K], or [1]
    sparse: ClassVar[bool] = True
    dtype: ClassVar[type | None] = None

    def decision_function(self, X: Any) -> np.ndarray:
        """[N, K], of two classes [N]: positive for the second."""
        X = self.rows(X)
        scores: np.ndarray = X @ self.coef_.T.astype(X.dtype) + self.intercept_
        return scores[:, 0] if scores.shape[1] == 1 else scores


@dataclass(eq=False)
class LinearClassifier(Linear):
    """Least squares on targets of 1 and -1."""

    l2: float = 1.0

    def grow(self, X: Any, y: np.ndarray | None) -> Iterator[Grown]:
        Y = 2.0 * np.eye(len(self.classes_))[y] - 1  # [N, K]
        Y = Y if len(self.classes_) > 2 else Y[:, 1:]
        W, b = least_squares(X, Y, self.l2)
        self.coef_, self.intercept_ = W.T.copy(), b
        yield {"loss": float(np.mean((X @ W + b - Y) ** 2))}


@dataclass(eq=False)
class LogisticRegression(Linear):
    """The softmax of linear functions; `l2` is 1 / C of scikit-learn."""

    l2: float = 1.0
    iterations: int = 200
    tolerance: float = 1e-4
    """Ends when no entry of the gradient of the mean loss is larger."""

    @property
    def total(self) -> int:
        return self.iterations

    def grow(self, X: Any, y: np.ndarray | None) -> Iterator[Grown]:
        (N, D), K = X.shape, len(self.classes_)
        X = X.astype(np.float64)
        assert y is not None
        Y = np.eye(K)[y]
        l2 = self.l2 if K > 2 else 2 * self.l2  # of two opposite columns, half is the difference's

        def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
            """The mean over the examples, and its gradient."""
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
        while True:  # backtrack until it descends enough (Armijo; N&W Eq. 3.4)
            new_loss, new_gradient = objective(self.iterate_ + length * direction)
            if new_loss <= loss + 1e-4 * length * slope or length < 1e-10:
                break
            length /= 2
        s, change = length * direction, new_gradient - gradient
        if s @ change > 1e-12 * (change @ change):  # the curvature stays positive
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
