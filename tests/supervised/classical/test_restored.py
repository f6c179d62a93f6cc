"""Deliberately malformed learners in checkpoints: rejected before a compiled kernel uses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from supervised.classical.boosting import Boosting
from supervised.classical.catalogue import LEARNERS
from supervised.classical.estimator import Learner
from supervised.classical.forest import RandomForest
from supervised.classical.kmeans import KMeans
from supervised.classical.sgd import SGD
from supervised.classical.topics import LatentDirichlet
from tengen.lookup import find

Learned = dict[str, np.ndarray]
RNG = np.random.default_rng(1)
X, Y = RNG.random((60, 5)), np.arange(60) % 3
MADE: dict[str, Callable[[], Learner]] = {
    "forest": lambda: RandomForest(trees=2),
    "boosting": lambda: Boosting(rounds=2, min_leaf=2),
    "kmeans": lambda: KMeans(clusters=3, iterations=2),
    "sgd": lambda: SGD(epochs=1),
    "topics": lambda: LatentDirichlet(topics=3, iterations=1),
}


def put(name: str, at: tuple[object, ...], value: int) -> Callable[[Learned], None]:
    def change(learned: Learned) -> None:
        learned[name][at] = value

    return change


def cut(name: str) -> Callable[[Learned], None]:
    return lambda learned: learned.update({name: learned[name][:-1]})


@pytest.mark.parametrize(
    ("learner", "change"),
    [
        ("forest", put("nodes_", (0, 0), 10**6)),  # a feature that does not exist
        ("forest", put("nodes_", (0, 1), 10**6)),  # a child beyond all trees
        ("forest", put("nodes_", (0, 1), 0)),  # a cycle
        ("forest", put("nodes_", (slice(None), 0), 0)),  # no leaf
        ("forest", put("roots_", (1,), -1)),
        ("forest", cut("numbers_")),
        ("boosting", put("nodes_", (0, 2), 10**6)),
        ("boosting", put("roots_", (0, 0), 10**6)),
        ("boosting", cut("prior_")),
        ("kmeans", put("labels_", (3,), 77)),
        ("kmeans", cut("labels_")),
        ("sgd", cut("W_")),
        ("sgd", lambda learned: learned.update(W_=learned["W_"][:, :-1])),
        ("sgd", lambda learned: learned.update(restore=np.zeros(1))),
        ("topics", cut("components_")),
    ],
)
def test_what_leads_a_kernel_astray_is_refused(learner: str, change: Callable[[Learned], None]) -> None:
    made = MADE[learner]().fit(X, Y)
    learned = {name: value.copy() for name, value in made.learned().items()}
    assert MADE[learner]().restore(learned, len(X)).learned().keys() == learned.keys()
    change(learned)
    with pytest.raises(ValueError, match=r".+"):
        MADE[learner]().restore(learned, len(X))


FEW: dict[str, dict[str, object]] = {
    "forest": {"trees": 2}, "boosting": {"rounds": 2, "min_leaf": 2}, "kmeans": {"clusters": 3, "iterations": 3},
    "sgd": {"epochs": 2}, "lda": {"topics": 3, "iterations": 2}, "tsne": {"iterations": 30, "perplexity": 5},
    "logistic": {"iterations": 3}, "pca": {"components": 2},
}  # fmt: skip
SPOILT: dict[str, Callable[[np.ndarray], np.ndarray | None]] = {
    "missing": lambda a: None,
    "cut": lambda a: a[:-1] if a.ndim else np.zeros(2, a.dtype),
    "longer": lambda a: np.concatenate([a, a]) if a.ndim else a[None],
    "deeper": lambda a: a[..., None],
    "halves": lambda a: a.astype(np.float16),
    "whole": lambda a: (1000 * a).astype(np.int16),
    "not a number": lambda a: np.full(a.shape, np.nan, np.float64),
    "below zero": lambda a: -a - 1 if a.dtype != bool else None,
    "enormous": lambda a: np.full(a.shape, 2**62).astype(a.dtype),
    "nothing": lambda a: np.zeros((0,) * a.ndim, a.dtype),
}


def grown(name: str, classes: int, steps: int) -> tuple[Learner, Any, Any]:
    """A learner after `steps` steps, and its data."""
    learner: Learner = find(LEARNERS[name].where)(**FEW.get(name, {}))
    data, y = learner.begin(X, np.arange(60) % classes)
    for _ in zip(range(steps), learner.grow(data, y), strict=False):
        pass
    return learner, data, y


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.parametrize("classes", [2, 3])
def test_each_learner_names_all_that_it_learns(name: str, classes: int) -> None:
    for steps in (1, 99):
        learner, _, _ = grown(name, classes, steps)
        learned = learner.learned()
        assert learned.keys() - {"n_features_in_", "classes_"} == learner.shapes.keys()
        fresh, _, _ = grown(name, classes, 0)
        assert fresh.restore(learned, len(X)).learned().keys() == learned.keys()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", LEARNERS)
def test_whatever_a_file_says_is_refused_or_gone_on_with(name: str) -> None:
    """With each part corrupted in turn, as `tengen resume` would encounter it."""
    learned = grown(name, 3, 1)[0].learned()
    refused = 0
    for part in learned:
        for spoil in SPOILT.values():
            given = {key: value.copy() for key, value in learned.items()}
            spoilt = spoil(given.pop(part))
            learner, data, y = grown(name, 3, 0)
            try:
                learner.restore(given if spoilt is None else given | {part: spoilt}, len(X))
            except ValueError:
                refused += 1
                continue
            for _ in learner.grow(data, y):
                pass
            for ask in ("predict", "transform"):
                if hasattr(learner, ask):
                    getattr(learner, ask)(X)
    assert refused > 5 * len(learner.shapes)
