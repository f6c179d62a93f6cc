"""`tengen bench classical`: fit and predict of the classical learners beside scikit-learn's.

Rows {what, unit, value, baseline, ratio}: examples a second of ours, of theirs (the baseline), and how many times as
many ours are. Both use one thread and measure in turns; `forest-threads` and `boosting-threads` are ours with two
threads beside ours with one. Digits (scikit-learn's), enlarged to 16x16 pixels and with noise, so that features have
many values; for `sgd`, `logistic` and `lda` counts of words that are drawn at random.

t-SNE has no predict. Accuracy is not measured here: the tests compare it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from scripts.bench.atari import row


class Pair(NamedTuple):
    name: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    data: str  # pictures or words
    asks: str = "predict"  # or transform, or nothing


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Measure; `quick` ends within 40 seconds."""
    from threadpoolctl import threadpool_limits

    measured = pairs(quick)  # imports their libraries, whose threads can be limited only when they are there
    with threadpool_limits(1):
        sets = {"pictures": pictures(700 if quick else 4000), "words": words(1000 if quick else 5000)}
        rounds = 2 if quick else 5
        for pair in measured:
            X, y = sets[pair.data]
            pair.ours().fit(X[:200], y[:200])  # compiles
            fits: dict[str, list[float]] = {"ours": [], "theirs": []}
            asked: dict[str, list[float]] = {"ours": [], "theirs": []}
            for _ in range(rounds):
                for who, made in (("ours", pair.ours), ("theirs", pair.theirs)):
                    learner = made()
                    fits[who].append(X.shape[0] / seconds(lambda: learner.fit(X, y)))
                    if pair.asks:
                        asked[who].append(X.shape[0] / seconds(lambda: getattr(learner, pair.asks)(X)))
            yield row(f"{pair.name}-fit", "examples/s", fits["ours"], fits["theirs"])
            if pair.asks:
                yield row(f"{pair.name}-{pair.asks}", "examples/s", asked["ours"], asked["theirs"])
        yield from threads(*sets["pictures"], rounds, quick)


def threads(X: np.ndarray, y: np.ndarray, rounds: int, quick: bool) -> Iterator[dict[str, Any]]:
    """Two threads beside one."""
    from supervised.classical.boosting import Boosting
    from supervised.classical.forest import RandomForest

    trees = 10 if quick else 50
    kinds: dict[str, Callable[[int], Any]] = {
        "forest": lambda count: RandomForest(trees=trees, threads=count),
        "boosting": lambda count: Boosting(rounds=trees // 5, threads=count),
    }
    for name, made in kinds.items():
        rates: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(rounds):
            for count in rates:
                rates[count].append(len(X) / seconds(lambda: made(count).fit(X, y)))
        yield row(f"{name}-threads", "examples/s", rates[2], rates[1])


def pairs(quick: bool) -> list[Pair]:
    from sklearn.cluster import KMeans as TheirKMeans
    from sklearn.decomposition import PCA as Components
    from sklearn.decomposition import LatentDirichletAllocation
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression as TheirLogistic
    from sklearn.linear_model import RidgeClassifier, SGDClassifier
    from sklearn.manifold import TSNE as TheirMap
    from sklearn.svm import SVC
    from sklearn.tree import DecisionTreeClassifier

    from supervised.classical.boosting import Boosting
    from supervised.classical.forest import RandomForest
    from supervised.classical.kmeans import KMeans
    from supervised.classical.linear import LinearClassifier
    from supervised.classical.logistic import LogisticRegression
    from supervised.classical.projections import PCA, LinearDiscriminants
    from supervised.classical.sgd import SGD
    from supervised.classical.svm import SVM
    from supervised.classical.topics import LatentDirichlet
    from supervised.classical.tree import DecisionTree
    from supervised.classical.tsne import TSNE

    first = pictures(10)[0]  # both begin with the same centres, so that they do as many iterations
    trees, steps = (10, 300) if quick else (50, 1000)
    return [
        Pair("linear", LinearClassifier, RidgeClassifier, "pictures"),
        Pair("logistic", LogisticRegression, lambda: TheirLogistic(max_iter=200), "words"),
        Pair(
            "sgd",
            lambda: SGD(epochs=10),
            lambda: SGDClassifier(alpha=1e-4, max_iter=10, tol=None, average=True),
            "words",
        ),
        Pair(
            "kmeans",
            lambda: KMeans(clusters=10, start=first),
            lambda: TheirKMeans(10, init=first, n_init=1, tol=0),
            "pictures",
        ),
        Pair("tree", DecisionTree, DecisionTreeClassifier, "pictures"),
        Pair("forest", lambda: RandomForest(trees=trees), lambda: RandomForestClassifier(trees), "pictures"),
        Pair(
            "boosting",
            lambda: Boosting(rounds=trees // 5),
            lambda: HistGradientBoostingClassifier(max_iter=trees // 5, early_stopping=False),
            "pictures",
        ),
        Pair("svm", lambda: SVM(C=5.0), lambda: SVC(C=5.0, cache_size=500), "pictures"),
        Pair("pca", lambda: PCA(components=20), lambda: Components(20), "pictures", "transform"),
        Pair("discriminants", LinearDiscriminants, LinearDiscriminantAnalysis, "pictures"),
        Pair("lda", lambda: LatentDirichlet(topics=10), lambda: LatentDirichletAllocation(10), "words", "transform"),
        Pair("tsne", lambda: TSNE(iterations=steps), lambda: TheirMap(max_iter=steps), "pictures", ""),
    ]


def seconds(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def pictures(count: int) -> tuple[np.ndarray, np.ndarray]:
    """(pictures [count, 256] in 0 … 1, labels): digits of 16x16, moved, with noise."""
    from sklearn.datasets import load_digits

    rng, bunch = np.random.default_rng(0), load_digits()
    which = rng.integers(len(bunch.target), size=count)
    large = np.kron(bunch.images[which] / 16, np.ones((1, 2, 2)))  # [count, 16, 16]
    moved = np.stack([np.roll(p, rng.integers(-1, 2, 2), (0, 1)) for p in large]).reshape(count, -1)
    noisy = np.clip(moved + 0.1 * rng.normal(size=moved.shape) * (moved > 0), 0, 1)
    return np.round(noisy * 255).astype(np.float32) / 255, bunch.target[which]


def words(count: int) -> tuple[Any, np.ndarray]:
    """(counts of 4,000 words in `count` texts of 20, CSR; their classes): as sentences are."""
    from scipy.sparse import csr_matrix

    rng = np.random.default_rng(0)
    p = 1 / np.arange(1, 4001)
    y = rng.integers(2, size=count)
    columns = rng.choice(4000, (count, 20), p=p / p.sum())
    columns = np.where(rng.random(columns.shape) < 0.2, columns // 2 * 2 + y[:, None] % 2, columns) % 4000
    rows = np.repeat(np.arange(count), 20)
    return csr_matrix((np.ones(count * 20), (rows, columns.ravel())), shape=(count, 4000)), y
