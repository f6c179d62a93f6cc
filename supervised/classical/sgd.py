"""Stochastic gradient descent for linear models, with the tricks of Bottou 2012 ("Stochastic gradient descent tricks").

    minimise  lambda/2 |w|^2 + mean_i loss(y_i (w x_i + b)),   y = 1 or -1, one example at a time:

    w <- (1 - eta_t lambda) w - eta_t loss'(y_t s_t) y_t x_t,   eta_t = eta_0 / (1 + lambda eta_0 t)    (section 5.2)

The tricks: examples in a random order, reshuffled every epoch; eta_0 chosen on a small sample by the loss after one
pass; w kept as W / divisor, so that shrinking costs one multiplication and a sparse example only its own entries;
and averaging (ASGD, section 5.3): the mean of all w from `average` epochs on, in the same sparse way (Xu 2011,
arXiv:1107.2490).  More than two classes: one versus rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from supervised.classical.estimator import Grown
from supervised.classical.kernels.sgd import sgd_epoch
from supervised.classical.linear import Linear


def objective(scores: np.ndarray, y: np.ndarray, w: np.ndarray, l2: float, loss: str) -> float:
    """lambda/2 |w|^2 + the mean loss of scores [N]."""
    z = y * scores
    losses = np.maximum(0, 1 - z) if loss == "hinge" else np.logaddexp(0, -z)
    return float(l2 / 2 * (w @ w) + losses.mean())


@dataclass(eq=False)
class SGD(Linear):
    """A linear classifier by averaged stochastic gradient descent: an SVM (hinge) or logistic regression (log)."""

    unit: ClassVar[str] = "epochs"
    shapes: ClassVar[dict[str, str]] = {
        "W_": "float64 SD", "A_": "float64 SD", "scalars_": "float64 S5", "eta_": "float64 S", "epochs_": "int64",
        "coef_": "float64 SD", "intercept_": "float64 S",
    }  # fmt: skip

    loss: Literal["hinge", "log"] = "hinge"
    l2: float = 1e-4
    """lambda."""
    epochs: int = 20
    average: int = 1
    """Epochs before the average of the weights begins; as many as `epochs`: no average."""
    intercept: bool = True
    random_state: int = 0

    @property
    def total(self) -> int:
        return self.epochs

    def grow(self, X: Any, y: np.ndarray | None) -> Iterator[Grown]:
        assert y is not None
        X = X.astype(np.float64)
        values, columns, starts = csr(X)
        N, D = X.shape
        several = range(len(self.classes_)) if len(self.classes_) > 2 else range(1, 2)
        signs = np.stack([np.where(y == k, 1.0, -1.0) for k in several])  # [K, N]
        if not hasattr(self, "eta_"):
            self.W_, self.A_ = np.zeros((len(signs), D)), np.zeros((len(signs), D))
            self.scalars_ = np.tile([1.0, 1.0, 0.0, 0.0, 0.0], (len(signs), 1))
            self.eta_ = np.array([self._first_rate(X, sign, (values, columns, starts)) for sign in signs])
            self.epochs_ = 0
        since = self.average * N
        while self.epochs_ < self.epochs:
            order = np.random.default_rng([self.random_state, self.epochs_]).permutation(N)
            for k, sign in enumerate(signs):
                sgd_epoch(
                    values, columns, starts, sign, order, self.loss == "hinge", self.l2, self.eta_[k], self.intercept,
                    self.epochs_ * N, since, self.W_[k], self.A_[k], self.scalars_[k],
                )  # fmt: skip
            self.epochs_ += 1
            divisor, average, share, bias, mean_bias = self.scalars_.T
            averaging = self.epochs_ > self.average
            w = (self.A_ + share[:, None] * self.W_) / average[:, None] if averaging else self.W_ / divisor[:, None]
            self.coef_, self.intercept_ = w, (mean_bias if averaging else bias).copy()
            scores = X @ w.T + self.intercept_
            losses = [objective(scores[:, k], sign, w[k], self.l2, self.loss) for k, sign in enumerate(signs)]
            yield {"loss": float(np.mean(losses))}

    def _first_rate(self, X: Any, sign: np.ndarray, data: tuple[np.ndarray, np.ndarray, np.ndarray]) -> float:
        """eta_0: twice or half as large, from 1/4 on, as long as a pass over a sample reaches a lower objective."""
        rows = np.random.default_rng([self.random_state, 2**31]).permutation(len(sign))[:500]

        def reached(eta: float) -> float:
            if eta * self.l2 >= 1:
                return np.inf
            W, A, scalars = np.zeros(X.shape[1]), np.zeros(X.shape[1]), np.array([1.0, 1.0, 0.0, 0.0, 0.0])
            sgd_epoch(*data, sign, rows, self.loss == "hinge", self.l2, eta, self.intercept, 0, 2**62, W, A, scalars)
            w = W / scalars[0]
            return objective(sample @ w + scalars[3], sign[rows], w, self.l2, self.loss)

        sample, eta = X[rows], 0.25
        best, larger = reached(eta), reached(2 * eta)
        factor = 2.0 if larger < best else 0.5
        while (following := larger if eta == 0.25 and factor > 1 else reached(factor * eta)) < best and eta > 1e-6:
            best, eta = following, factor * eta
        return eta


def csr(X: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(values, columns, starts [N + 1]) of a CSR matrix, or of an array [N, D]."""
    if hasattr(X, "tocsr"):
        return X.data, X.indices.astype(np.int32), X.indptr.astype(np.int64)
    rows, columns = np.nonzero(X)
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(X)))])
    return X[rows, columns], columns.astype(np.int32), starts.astype(np.int64)
