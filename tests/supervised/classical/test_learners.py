"""Clusters, support vectors, topics, projections and maps against known answers and scikit-learn."""

from __future__ import annotations

import warnings
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from scipy.special import psi
from sklearn import decomposition
from sklearn.cluster import KMeans as TheirKMeans
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.manifold import trustworthiness as their_trustworthiness
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import check_estimator

from supervised.classical.catalogue import LEARNERS
from supervised.classical.kernels.topics import expected_log
from supervised.classical.kmeans import KMeans
from supervised.classical.projections import PCA, LinearDiscriminants
from supervised.classical.smo import solve
from supervised.classical.svm import SVM
from supervised.classical.topics import LatentDirichlet
from supervised.classical.tsne import TSNE, affinities, trustworthiness
from tengen.lookup import find
from tests.long import LONG

QUICK = ("linear", "logistic", "kmeans", "pca", "discriminants")


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    bunch = load_digits()
    return bunch.data[:600] / 16, bunch.target[:600]


@pytest.mark.parametrize("name", [*LEARNERS, "regression"])
def test_scikit_learn_s_checks_pass(name: str) -> None:
    """All of `check_estimator`, without exceptions; the slower learners in `make proofs`."""
    if name not in (*QUICK, "regression") and not LONG:
        pytest.skip("make proofs")
    where = "supervised.classical.linear:LinearRegression" if name == "regression" else LEARNERS[name].where
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check_estimator(find(where)(), on_fail=None)
    assert [row["check_name"] for row in found if row["status"] == "failed"] == [] and len(found) > 40


@pytest.mark.parametrize("algorithm", ["lloyd", "hartigan-wong"])
def test_the_inertia_never_rises(digits: Any, algorithm: Any) -> None:
    learner = KMeans(clusters=10, algorithm=algorithm)
    inertias = [step["inertia"] for step in learner.grow(*learner.begin(digits[0]))]
    assert all(b <= a + 1e-9 for a, b in pairwise(inertias)) and len(inertias) > 5


def test_k_means_beside_scikit_learn_from_the_same_start(digits: Any) -> None:
    X = digits[0]
    for seed in range(4):
        start = X[np.random.default_rng(seed).permutation(len(X))[:10]]
        theirs = TheirKMeans(10, init=start, n_init=1, tol=0, max_iter=300, algorithm="lloyd").fit(X)
        lloyd = KMeans(clusters=10, start=start).fit(X)
        assert lloyd.inertia_ == pytest.approx(theirs.inertia_)
        assert KMeans(clusters=10, start=start, algorithm="hartigan-wong").fit(X).inertia_ <= lloyd.inertia_


def test_the_best_of_all_ways_to_part_eight_points() -> None:
    X = np.random.default_rng(3).normal(size=(8, 2))

    def inertia(labels: np.ndarray) -> float:
        return sum(((X[labels == k] - X[labels == k].mean(0)) ** 2).sum() for k in np.unique(labels))

    best = min(inertia(np.array(labels)) for labels in product(range(3), repeat=8) if len(set(labels)) == 3)
    found = [KMeans(clusters=3, algorithm="hartigan-wong", random_state=s).fit(X).inertia_ for s in range(10)]
    assert min(found) == pytest.approx(best) and all(value >= best - 1e-9 for value in found)


def test_a_machine_of_two_points_by_hand() -> None:
    """x = -1 and 1: the margin is at both, a = 1 / |x1 - x2|^2 * 2 = 1/2, f(x) = x, dual value 1/2."""
    X, y = np.array([[-1.0], [1.0]]), np.array([-1.0, 1.0])
    a, b, dual = solve(lambda rows: X[rows] @ X.T, (X**2).sum(1), y, 10.0, 1e-6, 1)
    assert a == pytest.approx([0.5, 0.5]) and b == pytest.approx(0) and dual == pytest.approx(0.5)
    a, b, dual = solve(lambda rows: X[rows] @ X.T, (X**2).sum(1), y, 0.25, 1e-6, 1)
    assert a == pytest.approx([0.25, 0.25]) and dual == pytest.approx(0.5 - 0.125)  # sum a - 1/2 |w|^2, w = 1/2


@pytest.mark.parametrize("options", [{}, {"kernel": "linear"}, {"kernel": "poly", "degree": 2}])
def test_svm_has_scikit_learn_s_dual_value_and_support_vectors(digits: Any, options: Any) -> None:
    X, y = digits
    two = y < 2
    ours = SVM(C=2.0, gamma=0.05, tolerance=1e-5, **options).fit(X[two], y[two])
    theirs = SVC(C=2.0, gamma=0.05, coef0=1.0, tol=1e-5, **options).fit(X[two], y[two])
    gram, signed = ours.gram(X[two], X[two])[np.ix_(theirs.support_, theirs.support_)], theirs.dual_coef_[0]
    dual = abs(signed).sum() - signed @ gram @ signed / 2
    assert ours.objective_[0] == pytest.approx(dual, rel=1e-4)
    assert len(set(ours.support_) ^ set(theirs.support_)) <= 2
    assert np.allclose(ours.decision_function(X), theirs.decision_function(X), atol=2e-3)


def test_several_machines_vote_as_scikit_learn_s_and_memory_may_be_short(digits: Any) -> None:
    X, y = digits
    ours, theirs = SVM(C=5.0).fit(X[:400], y[:400]), SVC(C=5.0).fit(X[:400], y[:400])
    assert (ours.predict(X[400:]) == theirs.predict(X[400:])).mean() >= 0.99
    rows, diagonal, sign = X[:400] @ X[:400].T, (X[:400] ** 2).sum(1), np.where(y[:400] % 2, 1.0, -1.0)
    much, little = (solve(lambda i: rows[i], diagonal, sign, 1.0, 1e-4, size) for size in (100, 0))
    assert little[2] == pytest.approx(much[2], rel=1e-6)  # with a cache of 128 rows out of 400


def test_the_topics_of_the_bars_are_recovered() -> None:
    """Griffiths & Steyvers 2004: words are the pixels of 5x5 images, topics their ten rows and columns."""
    rng = np.random.default_rng(0)
    bars = np.zeros((10, 5, 5))
    for k in range(5):
        bars[k, k, :], bars[5 + k, :, k] = 0.2, 0.2
    bars = bars.reshape(10, 25)
    mixtures = rng.dirichlet(np.full(10, 0.3), size=250)
    X = np.stack([rng.multinomial(100, theta @ bars) for theta in mixtures])
    runs = []
    for seed in range(4):  # like k-means, it finds a local optimum: take the best of several
        learner = LatentDirichlet(topics=10, alpha=0.3, eta=0.1, iterations=40, random_state=seed)
        steps = [step["perplexity"] for step in learner.grow(*learner.begin(X))]
        assert all(b <= a * (1 + 1e-4) for a, b in pairwise(steps))
        runs.append((steps[-1], seed, learner))
    learner = min(runs)[2]
    found = learner.components_ / learner.components_.sum(1, keepdims=True)
    nearest = abs(found[:, None] - bars[None]).sum(2)  # [found, true]
    assert sorted(nearest.argmin(0)) == list(range(10)) and nearest.min(0).max() < 0.25


def test_perplexity_is_scikit_learn_s_for_the_same_topics(digits: Any) -> None:
    X = np.round(digits[0] * 16)
    theirs = decomposition.LatentDirichletAllocation(6, max_iter=2, random_state=0).fit(X)
    ours = LatentDirichlet(topics=6).fit(X[:10])
    ours.components_ = theirs.components_.copy()
    assert ours.perplexity(X) == pytest.approx(theirs.perplexity(X), rel=1e-6)
    of_topics = ours.score(X[:10]) - ours.document_bounds(X[:10]).sum()  # the same whatever the documents
    assert of_topics == pytest.approx(ours.score(X[20:50]) - ours.document_bounds(X[20:50]).sum())
    assert np.allclose(ours.transform(X), theirs.transform(X), atol=1e-4)
    parameters = np.array([[0.1, 2.0, 30.0]])
    assert np.allclose(expected_log(parameters), psi(parameters) - psi(parameters.sum()))


def test_components_and_discriminants_are_scikit_learn_s_up_to_sign(digits: Any) -> None:
    X, y = digits
    for rows in (X, X[:30]):  # more examples than features, and fewer
        ours, theirs = PCA(components=5).fit(rows), decomposition.PCA(5, svd_solver="full").fit(rows)
        assert np.allclose(abs(ours.components_), abs(theirs.components_), atol=1e-6)
        assert np.allclose(ours.explained_variance_ratio_, theirs.explained_variance_ratio_)
    X = X + np.random.default_rng(0).normal(0, 0.1, X.shape)  # no pixel with zero variance
    one, two = LinearDiscriminants(shrinkage=0.0).fit(X, y), LinearDiscriminantAnalysis().fit(X, y)
    scale = np.sqrt((len(X) - 10) / len(X))  # theirs: scatter over N, not over N - K
    assert np.allclose(abs(one.transform(X)), scale * abs(two.transform(X)), atol=1e-5)
    assert (one.predict(X) == two.predict(X)).mean() > 0.99


def test_affinities_have_the_perplexity_asked_for_and_sum_to_one(digits: Any) -> None:
    values, columns, starts = affinities(digits[0][:150], 12.0)
    assert values.sum() == pytest.approx(1)
    P = np.zeros((150, 150))
    P[np.repeat(np.arange(150), np.diff(starts)), columns] = values
    assert np.allclose(P, P.T)


def test_the_forces_are_the_gradient_of_the_divergence(digits: Any) -> None:
    learner = TSNE(perplexity=5.0, iterations=1)
    data = learner.begin(digits[0][:40])
    list(learner.grow(*data))
    learner.embedding_ = np.random.default_rng(0).normal(size=(40, 2))
    P = affinities(digits[0][:40], 5.0)
    gradient, _ = learner._gradient(*P, 1.0)
    start = learner.embedding_.copy()

    def divergence(y: np.ndarray) -> float:
        learner.embedding_ = y
        w = 1 / (1 + ((y[:, None] - y[None]) ** 2).sum(2))
        return learner._divergence(*P, float(w.sum() - len(y)))

    for i, j in ((0, 0), (7, 1)):
        step = np.zeros_like(start)
        step[i, j] = 1e-5
        slope = (divergence(start + step) - divergence(start - step)) / 2e-5
        assert gradient[i, j] == pytest.approx(slope, rel=1e-3, abs=1e-6)


def test_a_map_keeps_neighbours(digits: Any) -> None:
    X = digits[0][:300]
    one, two = (TSNE(perplexity=15.0, iterations=350, threads=threads).fit_transform(X) for threads in (1, 2))
    assert np.array_equal(one, two)
    kept = trustworthiness(X, one)
    assert kept == pytest.approx(their_trustworthiness(X, one), abs=1e-4) and kept > 0.97
