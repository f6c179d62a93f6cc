"""Linear models against scikit-learn, and by hand."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression as TheirLogistic
from sklearn.linear_model import Ridge
from sklearn.svm import LinearSVC

from supervised.classical.linear import LinearClassifier, LinearRegression
from supervised.classical.logistic import LogisticRegression, times_inverse_hessian
from supervised.classical.sgd import SGD, objective
from tests.supervised.classical.beside import rows, spoken


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    bunch = load_digits()
    X, y, held_out = bunch.data / 16, bunch.target, np.arange(len(bunch.target)) % 5 == 4
    return X[~held_out], y[~held_out], X[held_out], y[held_out]


def test_a_line_through_three_points_by_hand() -> None:
    line = LinearRegression().fit(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 6.0]))
    assert line.coef_ == pytest.approx([2.5]) and line.intercept_ == pytest.approx(0.5)
    shrunk = LinearRegression(l2=2.0).fit(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 6.0]))
    assert shrunk.coef_ == pytest.approx([5 / (2 + 2)])  # x'y / (x'x + l2), of centred x and y


@pytest.mark.parametrize(("N", "D"), [(40, 6), (6, 40)])
def test_ridge_equals_scikit_learn(N: int, D: int) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(N, D)), rng.normal(size=N)
    ours, theirs = LinearClassifier(l2=0.7).fit(X, y > 0), Ridge(alpha=0.7).fit(X, np.where(y > 0, 1.0, -1.0))
    assert np.allclose(ours.coef_[0], theirs.coef_, atol=1e-8)
    assert np.allclose(ours.intercept_[0], theirs.intercept_, atol=1e-8)


def test_the_two_loops_are_the_inverse_hessian_of_a_quadratic() -> None:
    rng = np.random.default_rng(0)
    A = rng.normal(size=(3, 3))
    A = A @ A.T + np.eye(3)
    S = np.linalg.eigh(A)[1].T  # conjugate steps: one per dimension gives H = A^-1 exactly
    pairs = np.stack([S, S @ A], 1)
    g = rng.normal(size=3)
    assert np.allclose(times_inverse_hessian(g, pairs), np.linalg.solve(A, g))


def test_logistic_regression_equals_scikit_learn(digits: Any) -> None:
    X, y, X_test, y_test = digits
    ours = LogisticRegression(tolerance=1e-4).fit(X, y)
    theirs = TheirLogistic(C=1.0, tol=1e-4, max_iter=1000).fit(X, y)
    assert np.allclose(ours.predict_proba(X_test), theirs.predict_proba(X_test), atol=0.02)
    assert abs(ours.score(X_test, y_test) - theirs.score(X_test, y_test)) <= 0.005
    two = y < 2
    a, b = LogisticRegression(tolerance=1e-7).fit(X[two], y[two]), TheirLogistic(tol=1e-7).fit(X[two], y[two])
    assert np.allclose(a.coef_, b.coef_, atol=1e-3) and np.allclose(a.intercept_, b.intercept_, atol=1e-3)


def test_the_hinge_objective_of_sgd_is_that_of_linear_svc(digits: Any) -> None:
    X, y = digits[0], np.where(digits[1] % 2 == 1, 1, -1)
    l2 = 1e-3
    theirs = LinearSVC(
        loss="hinge", C=1 / (l2 * len(X)), fit_intercept=False, max_iter=100_000, tol=1e-5, random_state=0
    ).fit(X, y)
    ours = SGD(l2=l2, epochs=200, average=40, intercept=False).fit(X, y)
    w = theirs.coef_[0]
    best = objective(X @ w, y, w, l2, "hinge")
    reached = objective(ours.decision_function(X), y, ours.coef_[0], l2, "hinge")
    assert reached <= best + 1e-3


def test_sparse_and_dense_examples_are_learned_alike(digits: Any) -> None:
    X, y = digits[0][:200], digits[1][:200]
    for loss in ("hinge", "log"):
        dense, sparse = (SGD(loss=loss, epochs=3).fit(data, y) for data in (X, csr_matrix(X)))  # type: ignore[arg-type]
        assert np.allclose(dense.coef_, sparse.coef_)


def test_averages_are_the_means_of_all_iterates() -> None:
    """The sparse trick against the plain recursion, with and without shrinking in between."""
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(30, 4)), np.where(rng.random(30) < 0.5, 0, 1)
    learner = SGD(epochs=4, average=1, l2=0.3).fit(X, y)
    w, b, t, seen = np.zeros(4), 0.0, 0, []
    for epoch in range(4):
        for i in np.random.default_rng([0, epoch]).permutation(30):
            eta, sign = learner.eta_[0] / (1 + 0.3 * learner.eta_[0] * t), 2 * y[i] - 1
            z = sign * (w @ X[i] + b)
            w = w * (1 - eta * 0.3) + (eta * sign * X[i] if z < 1 else 0)
            b += eta * sign if z < 1 else 0
            t += 1
            if epoch >= 1:
                seen.append(np.append(w, b))
    mean = np.mean(seen, axis=0)
    assert np.allclose(learner.coef_[0], mean[:4]) and np.allclose(learner.intercept_[0], mean[4])


def test_the_loss_of_logistic_regression_falls(digits: Any) -> None:
    learner = LogisticRegression(iterations=30)
    losses = [step["loss"] for step in learner.grow(*learner.begin(digits[0], digits[1]))]
    assert all(b <= a for a, b in pairwise(losses)) and len(losses) == 30


def test_held_out_digits_are_told_as_well_as_by_scikit_learn() -> None:
    """Within half a point; for sentences see docs/algorithms/linear-models.md."""
    found = list(rows(learners=("linear", "sgd"), data=("digits",)))
    assert [row.pair.learner for row in found] == ["linear", "sgd"]
    for row in found:
        assert np.mean(row.ours) >= np.mean(row.theirs) - 0.005
        assert len(row.ours) == len(row.theirs) == len(row.pair.seeds)
    assert spoken([0.955, 0.965], "accuracy") == "96.0 % (95.5, 96.5)" and spoken([7161.7], "perplexity") == "7,162"
