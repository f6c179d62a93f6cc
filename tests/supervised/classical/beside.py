"""Compares the linear models, topics and maps with scikit-learn's, on the data and settings of their commands.

    python -m tests.supervised.classical.beside [--data FOLDER] [linear logistic sgd lda tsne]

Prints a row for each learner and data set: the mean, and each of three seeds if the result depends on the seed. FOLDER
has the sentences of Pang & Lee; without it they come from the cache or are downloaded. Both use one thread.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from supervised.classical.bags import sentences
from supervised.classical.catalogue import SYSTEMS
from supervised.classical.data import Data, pictures
from supervised.classical.scores import measured_by
from supervised.classical.study import make
from supervised.classical.tsne import trustworthiness
from tengen.tables import print_table

SEEDS = (1, 2, 3)


class Pair(NamedTuple):
    learner: str
    data: str  # digits or sentences
    metric: str
    theirs: Callable[[Data, int], float]  # scikit-learn's result with this seed
    seeds: tuple[int, ...] = SEEDS


class Row(NamedTuple):
    """Both results, a number for each seed."""

    pair: Pair
    ours: list[float]
    theirs: list[float]


def accuracy(made: Callable[..., Any], **settings: Any) -> Callable[[Data, int], float]:
    """The held-out accuracy of the classifier made by `made`."""
    return lambda data, seed: float(
        made(random_state=seed, **settings).fit(data.X, data.y).score(data.X_test, data.y_test)
    )


def pairs() -> list[Pair]:
    from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier

    return [
        *(Pair("linear", data, "accuracy", accuracy(RidgeClassifier, alpha=1.0), (1,)) for data in DATA),
        *(Pair("logistic", data, "accuracy", accuracy(LogisticRegression, max_iter=1000), (1,)) for data in DATA),
        *(
            Pair("sgd", data, "accuracy", accuracy(SGDClassifier, alpha=1e-4, max_iter=20, tol=None, average=True))
            for data in DATA
        ),
        Pair("lda", "sentences", "perplexity", _topics, (0, 1, 2)),
        Pair("tsne", "digits", "trustworthiness", _map, (1,)),
    ]


def _topics(data: Data, seed: int) -> float:
    from sklearn.decomposition import LatentDirichletAllocation

    return float(LatentDirichletAllocation(10, max_iter=50, random_state=seed).fit(data.X).perplexity(data.X_test))


def _map(data: Data, seed: int) -> float:
    from sklearn.manifold import TSNE

    placed = TSNE(init="pca", random_state=seed, n_jobs=1).fit_transform(data.X)
    some = np.random.default_rng(0).permutation(len(data.X))[:1000]  # as on the card
    return trustworthiness(np.asarray(data.X, np.float64)[some], placed[some], 5)


DATA: dict[str, Callable[[str], Data]] = {
    "digits": lambda where: pictures("digits", "", 0, 0, 0, print),
    "sentences": lambda where: sentences(where, 0, 5000, print),
}


def rows(where: str = "", learners: tuple[str, ...] = (), data: tuple[str, ...] = tuple(DATA)) -> Iterator[Row]:
    from threadpoolctl import threadpool_limits

    chosen = [pair for pair in pairs() if pair.data in data and (not learners or pair.learner in learners)]
    sets = {name: DATA[name](where) for name in {pair.data: None for pair in chosen}}
    with threadpool_limits(1):
        for pair in chosen:
            ours = [_ours(pair.learner, sets[pair.data], seed) for seed in pair.seeds]
            yield Row(pair, ours, [pair.theirs(sets[pair.data], seed) for seed in pair.seeds])


def _ours(name: str, data: Data, seed: int) -> float:
    """The result of the command's learner with the command's settings."""
    system = next(s for s in SYSTEMS if s.name == name)
    training = system.training(system.task.split("|")[0])
    learner = make(name, asdict(training.config), training.settings.steps, 1, seed)
    return measured_by(learner.fit(data.X, data.y), name, data).value


def spoken(values: list[float], metric: str) -> str:
    """The mean, and each seed's value: `95.5 % (95.3, 95.8)`."""
    shape, factor, unit = {"accuracy": (".1f", 100, " %"), "perplexity": (",.0f", 1, "")}.get(metric, (".4f", 1, ""))
    each = ", ".join(f"{factor * value:{shape}}" for value in values)
    return f"{factor * float(np.mean(values)):{shape}}{unit}" + (f" ({each})" if len(values) > 1 else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="", metavar="FOLDER")
    parser.add_argument("learners", nargs="*", metavar="LEARNER")
    options = parser.parse_args()
    found = list(rows(options.data, tuple(options.learners)))
    cells = [
        (r.pair.learner, r.pair.data, r.pair.metric, spoken(r.ours, r.pair.metric), spoken(r.theirs, r.pair.metric))
        for r in found
    ]
    print_table(("learner", "data", "metric", "ours", "scikit-learn"), cells)


if __name__ == "__main__":
    main()
