"""The two plots that most learners share: coloured points, and a grid of small pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from tengen import figures

MOST = 40  # pictures in a grid


def scatter(points: np.ndarray, labels: np.ndarray, classes: Any) -> Any:
    """A figure of points [N, 2], coloured by label [N]."""
    figure, axes = figures.pyplot().subplots(figsize=(7, 6.4), layout="constrained")
    for k, name in enumerate(classes):
        mine = labels == k
        axes.scatter(*points[mine].T, s=4, color=figures.pyplot().cm.tab10(k % 10), label=name)
    axes.legend(markerscale=3, fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    axes.set_xticks([])
    axes.set_yticks([])
    return figure


def grid(pictures: np.ndarray, titles: list[str], signed: bool = False) -> Any:
    """A figure of pictures [M, H, W] or [M, H, W, 3]; `signed`: red above 0, blue below."""
    pictures = pictures[:MOST]
    columns = min(10, len(pictures))
    rows = -(-len(pictures) // columns)
    figure, axes = figures.pyplot().subplots(
        rows, columns, figsize=(1.1 * columns + 0.5, 1.3 * rows + 0.5), layout="constrained", squeeze=False
    )
    for axis in axes.flat:
        axis.axis("off")
    for axis, picture, title in zip(axes.flat, pictures, [*titles, *[""] * len(pictures)], strict=False):
        most = abs(picture).max() or 1.0
        look = {"cmap": "RdBu_r", "vmin": -most, "vmax": most} if signed else {"cmap": "gray"}
        axis.imshow(picture, **look)
        axis.set_title(title, fontsize=7)
    return figure
