"""The score of a classical learner on held-out examples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from supervised.classical.data import Data
from supervised.classical.estimator import Learner
from supervised.classical.kmeans import squared_distances
from supervised.classical.tsne import trustworthiness_of_each
from supervised.systems.study import Measured
from tengen.display import Words
from tengen.statistics import bootstrap, ratio_interval, wilson

_STAGES = ("learning", "testing")


def words_of(learner: Learner, name: str) -> Words:
    """The terms for the display of a training of `learner`."""
    column, spoken, percent = {
        "kmeans": ("inertia", "inertia an example", False),
        "lda": ("perplexity", "held-out perplexity", False),
        "pca": ("explained", "variance explained", True),
        "tsne": ("trustworthiness", "neighbours kept", True),
    }.get(name, ("accuracy", "held-out accuracy", True))
    return Words(
        learner.unit, f"test/{column}", spoken, _STAGES, ("loss", "out_of_bag_accuracy", "kl", "dual"), percent
    )


def measured_by(learner: Learner, name: str, data: Data) -> Measured:
    """The measurement for the learner `name`."""
    measure = {"kmeans": _clusters, "lda": _topics, "pca": _components, "tsne": _map}.get(name, _accuracy)
    return measure(learner, data)


def _accuracy(learner: Any, data: Data) -> Measured:
    right = float((learner.predict(data.X_test) == data.y_test).mean())
    also: dict[str, float | str] = {}
    if hasattr(learner, "out_of_bag_"):
        seen = learner.out_of_bag_.sum(1) > 0
        also["out_of_bag_accuracy"] = float((learner.out_of_bag_[seen].argmax(1) == data.y[seen]).mean())
    if hasattr(learner, "support_"):
        also["support_vectors"] = float(len(learner.support_))
    count = len(data.y_test)
    interval, on = wilson(right, count), f"{count:,} examples"
    return Measured("accuracy", right, interval, on, "higher", data.protocol, also, data.known)


def _clusters(learner: Any, data: Data) -> Measured:
    d = squared_distances(learner.rows(data.X_test), learner.cluster_centers_)
    also: dict[str, float | str] = {"training_inertia": learner.inertia_}
    if len(data.classes):  # a cluster gets the most frequent class of its training examples
        votes = np.zeros((learner.clusters, len(data.classes)))
        np.add.at(votes, (learner.labels_, data.y), 1)
        also["accuracy"] = float((votes.argmax(1)[d.argmin(1)] == data.y_test).mean())
    protocol = f"mean squared distance from the nearest of {learner.clusters} centres; {data.protocol}"
    nearest = d.min(1)
    interval = bootstrap(nearest.tolist(), lambda values: values.mean(-1), rounds=500)
    return Measured("inertia", float(nearest.mean()), interval, f"{len(d):,} examples", "lower", protocol, also)


def _topics(learner: Any, data: Data) -> Measured:
    bounds, words = learner.document_bounds(data.X_test), np.asarray(data.X_test.sum(1)).ravel()
    topics = (learner.score(data.X_test) - bounds.sum()) / words.sum()  # the part of the topics themselves
    low, high = (math.exp(-bound - topics) for bound in reversed(ratio_interval(bounds, words)))
    protocol = f"exp(- variational bound / words), {learner.topics} topics; {data.protocol}"
    return Measured(
        "perplexity", learner.perplexity(data.X_test), (low, high), f"{int(words.sum()):,} words", "lower", protocol
    )


def _components(learner: Any, data: Data) -> Measured:
    X = learner.rows(data.X_test)
    left = ((X - learner.inverse_transform(learner.transform(X))) ** 2).sum(1)
    varies = ((X - X.mean(0)) ** 2).sum(1)
    low, high = (1 - share for share in reversed(ratio_interval(left, varies)))
    explained = 1 - float(left.sum() / varies.sum())
    protocol = f"share of the variance that {len(learner.components_)} components keep; {data.protocol}"
    return Measured("explained", explained, (low, high), f"{len(X):,} examples", "higher", protocol)


def _map(learner: Any, data: Data) -> Measured:
    some = np.random.default_rng(0).permutation(len(data.X))[:1000]
    each = trustworthiness_of_each(np.asarray(data.X, np.float64)[some], learner.embedding_[some], 5)
    also: dict[str, float | str] = {"kl": getattr(learner, "kl_divergence_", float("nan"))}
    protocol = f"trustworthiness with 5 neighbours (Venna & Kaski 2001) of the map itself; {data.protocol}"
    interval = bootstrap(each.tolist(), lambda values: values.mean(-1), rounds=500)
    return Measured(
        "trustworthiness", float(each.mean()), interval, f"{len(some):,} examples", "higher", protocol, also
    )
