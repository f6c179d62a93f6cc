"""What a checkpoint says of a learner, malformed on purpose: refused before a compiled kernel follows it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from supervised.classical.boosting import Boosting
from supervised.classical.estimator import Learner
from supervised.classical.forest import RandomForest
from supervised.classical.kmeans import KMeans
from supervised.classical.sgd import SGD
from supervised.classical.topics import LatentDirichlet

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
        ("forest", put("nodes_", (0, 0), 10**6)),  # a feature that is not there
        ("forest", put("nodes_", (0, 1), 10**6)),  # a child beyond all trees
        ("forest", put("nodes_", (0, 1), 0)),  # round and round
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
