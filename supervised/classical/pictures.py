"""Pictures of what a classical learner has learned: weights, importances, centres, support vectors, topics, maps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from supervised.classical.data import Data
from supervised.classical.plots import MOST, grid, scatter
from tengen import figures


def draw(learner: Any, name: str, task: str, data: Data, folder: Path) -> list[Path]:
    """Write the pictures for the learner `name` into `folder`; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    drawings: dict[str, Callable[[Any, Data], Any]] = {}
    if hasattr(learner, "predict") and len(data.classes) and name != "kmeans":
        drawings["confusion"] = _confusion
    if hasattr(learner, "coef_"):
        drawings["weights"] = _weights if data.shape else _words
    if hasattr(learner, "importances"):
        drawings["importances"] = _importances
    drawings |= {
        "kmeans": {"centres": _centres},
        "svm": {"support-vectors": _support_vectors},
        "lda": {"topics": _topics},
        "pca": {"components": _components, "plane": _plane},
        "discriminants": {"plane": _plane},
        "tsne": {"map": _map},
    }.get(name, {})
    files = []
    for drawing, function in drawings.items():
        figure = function(learner, data)
        title = f"{task}, {name}: {drawing.replace('-', ' ')}"
        figure.set_figwidth(max(figure.get_figwidth(), 0.09 * len(title) + 0.5))  # so that it is not cut
        figure.suptitle(title, fontsize=10)
        figures.write(figure, folder / f"{drawing}.png")
        files.append(folder / f"{drawing}.png")
    return files


def _shaped(rows: np.ndarray, data: Data) -> np.ndarray:
    """Rows [M, D] as pictures [M, H, W], averaged over colours."""
    shaped: np.ndarray = rows.reshape(-1, *data.shape).mean(-1)
    return shaped


def _confusion(learner: Any, data: Data) -> Any:
    K = len(data.classes)
    counts = np.bincount(data.y_test * K + learner.predict(data.X_test), minlength=K * K).reshape(K, K)
    figure, axes = figures.pyplot().subplots(figsize=(6.4, 6), layout="constrained")
    off = counts * (1 - np.eye(K, dtype=int))
    axes.imshow(off, cmap="Reds")
    for row, column in np.argwhere(counts):
        axes.text(column, row, counts[row, column], ha="center", va="center", fontsize=7)
    axes.set_xticks(range(K), data.classes, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(K), data.classes, fontsize=8)
    axes.set_xlabel("taken for")
    axes.set_ylabel("is")
    return figure


def _weights(learner: Any, data: Data) -> Any:
    return grid(_shaped(learner.coef_, data), list(data.classes), signed=True)


def _words(learner: Any, data: Data) -> Any:
    """The words with the largest weights for the last class and for the first."""
    weights = learner.coef_[-1]
    order = np.argsort(weights)
    chosen = np.concatenate([order[:20], order[-20:]])
    figure, axes = figures.pyplot().subplots(figsize=(6, 8), layout="constrained")
    axes.barh(range(len(chosen)), weights[chosen], color=["#d1495b" if w < 0 else "#1b6ca8" for w in weights[chosen]])
    axes.set_yticks(range(len(chosen)), [data.vocabulary[i] for i in chosen], fontsize=7)
    axes.set_xlabel(f"weight for {data.classes[-1]}")
    return figure


def _importances(learner: Any, data: Data) -> Any:
    return grid(_shaped(learner.importances()[None], data), [""])


def _centres(learner: Any, data: Data) -> Any:
    counts = np.bincount(learner.labels_, minlength=learner.clusters)
    order = np.argsort(-counts)
    return grid(_shaped(learner.cluster_centers_[order], data), [f"{counts[k]:,}" for k in order])


def _support_vectors(learner: Any, data: Data) -> Any:
    order = np.argsort(-abs(learner.dual_).sum(0))[:MOST]
    names = [data.classes[data.y[learner.support_[i]]] for i in order]
    return grid(_shaped(learner.support_vectors_[order], data), names)


def _topics(learner: Any, data: Data) -> Any:
    """Each topic's most characteristic words, by probability times log lift (Taddy 2012)."""
    beta = learner.components_ / learner.components_.sum(1, keepdims=True)
    special = beta * np.log(beta / beta.mean(0))
    rows = -(-len(beta) // 5)
    figure, axes = figures.pyplot().subplots(rows, 5, figsize=(13, 3 * rows), layout="constrained", squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for k, axis in zip(range(len(beta)), axes.flat, strict=False):
        top = np.argsort(-special[k])[:10]
        axis.axis("on")
        axis.barh(range(len(top)), beta[k, top], color=figures.COLOURS[0])
        axis.set_yticks(range(len(top)), [data.vocabulary[i] for i in top], fontsize=7)
        axis.invert_yaxis()
        axis.set_xticks([])
    return figure


def _components(learner: Any, data: Data) -> Any:
    shares = [f"{share:.1%}" for share in learner.explained_variance_ratio_]
    return grid(_shaped(learner.components_, data), shares, signed=True)


def _plane(learner: Any, data: Data) -> Any:
    return scatter(learner.transform(data.X_test)[:, :2], data.y_test, data.classes)


def _map(learner: Any, data: Data) -> Any:
    return scatter(learner.embedding_, data.y, data.classes)
