"""Linear models by least squares.

    minimise |X w - y|^2 + l2 |w|^2,       w = (X'X + l2 I)^-1 X'y     (the normal equations)

As a classifier, least squares fits targets of 1 for an example's class and -1 for the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from supervised.classical.classifier import Classifier
from supervised.classical.estimator import Grown, Learner


def least_squares(X: Any, Y: np.ndarray, l2: float) -> tuple[np.ndarray, np.ndarray]:
    """(W [D, K], b [K]) that minimise |X W + b - Y|^2 + l2 |W|^2, for X [N, D], Y [N, K]; b is not regularised."""
    X = (X.toarray() if hasattr(X, "tocsr") else X).astype(np.float64)
    mean_x, mean_y = X.mean(0), Y.mean(0)
    centred = X - mean_x
    if l2 and len(X) < X.shape[1]:  # W = X' (X X' + l2 I)^-1 Y: the smaller of the two systems
        W = centred.T @ np.linalg.solve(centred @ centred.T + l2 * np.eye(len(X)), Y - mean_y)
    elif l2:
        W = np.linalg.solve(centred.T @ centred + l2 * np.eye(X.shape[1]), centred.T @ (Y - mean_y))
    else:
        W = np.linalg.lstsq(centred, Y - mean_y, rcond=None)[0]  # minimum norm if there are several
    return W, mean_y - mean_x @ W


@dataclass(eq=False)
class LinearRegression(Learner):
    """y = w x + b by least squares; `l2` shrinks w (ridge regression, Hoerl & Kennard 1970)."""

    kind: ClassVar[str] = "regressor"
    sparse: ClassVar[bool] = True
    shapes: ClassVar[dict[str, str]] = {"coef_": "float64 D", "intercept_": "float64"}

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
        """R^2, the fraction of the variance explained."""
        y = np.asarray(y)
        return 1 - float(((self.predict(X) - y) ** 2).sum() / ((y - y.mean()) ** 2).sum())


class Linear(Classifier):
    """A classifier with scores linear in the features."""

    coef_: np.ndarray  # [K, D], or [1, D] for two classes
    intercept_: np.ndarray  # [K], or [1]
    sparse: ClassVar[bool] = True
    dtype: ClassVar[type | None] = None
    shapes: ClassVar[dict[str, str]] = {"coef_": "float SD", "intercept_": "float S"}

    def decision_function(self, X: Any) -> np.ndarray:
        """[N, K]; for two classes [N], positive for the second."""
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
