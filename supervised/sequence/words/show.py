"""Show word vectors: nearest words, sums of words, and for Go moves the board that they came from."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from supervised.systems.study import Measured, Sample, SampleOptions, Say
from tengen.errors import UserError, unknown
from tengen.figures import COLOURS, pyplot, write
from tengen.statistics import wilson

_SHOWN = 150  # words of the picture


class Vectors(NamedTuple):
    names: list[str]
    vectors: np.ndarray  # [V, D]
    board: int  # size, where the words are moves of Go; else 0


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows of length 1."""
    scaled: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return scaled


def nearest(vectors: np.ndarray, to: np.ndarray, count: int, without: set[int]) -> list[tuple[int, float]]:
    """(row, cosine) of the `count` rows most alike to the vector `to` [D]."""
    cosine = unit(vectors) @ (to / max(float(np.linalg.norm(to)), 1e-9))
    order = [int(i) for i in np.argsort(-cosine, kind="stable") if int(i) not in without]
    return [(i, float(cosine[i])) for i in order[:count]]


def examples(vectors: np.ndarray, names: list[str], count: int = 5) -> str:
    """`king: queen, prince; …` for some words that are neither very frequent nor rare."""
    rows = [min(len(names) - 1, len(names) * k // (4 * count) + 20) for k in range(count)]
    found = [(names[r], [names[i] for i, _ in nearest(vectors, vectors[r], 2, {r})]) for r in dict.fromkeys(rows)]
    return "; ".join(f"{name}: {', '.join(near)}" for name, near in found)


def sample(known: Vectors, options: SampleOptions, say: Say) -> Sample:
    """The nearest words of the prompt, which may be a sum: "king - man + woman"."""
    prompt = options.prompt or known.names[min(30, len(known.names) - 1)]
    rows, target, sign = set(), np.zeros(known.vectors.shape[1]), 1.0
    scaled = unit(known.vectors)
    place = {name.lower(): i for i, name in enumerate(known.names)}
    for word in prompt.lower().replace("+", " + ").replace(" -", " - ").split():
        if word in "+-":
            sign = 1.0 if word == "+" else -1.0
            continue
        if word not in place:
            raise unknown("word", word, known.names, "among the words of the training")
        rows.add(place[word])
        target += sign * scaled[place[word]]
        sign = 1.0
    if not rows:
        raise UserError("which word? --prompt king, or --prompt 'king - man + woman'")
    found = nearest(known.vectors, target, options.count or 10, rows)
    return Sample("\n".join([prompt, *(f"  {known.names[i]:<20} {cosine:.3f}" for i, cosine in found)]))


def main_directions(vectors: np.ndarray, count: int) -> np.ndarray:
    """[V, count] places of the rows of unit length along their main directions (PCA)."""
    centred = unit(vectors) - unit(vectors).mean(0)
    left, size, _ = np.linalg.svd(centred, full_matrices=False)
    placed: np.ndarray = left[:, :count] * size[:count]
    return placed


def places(names: list[str]) -> np.ndarray:
    """[V, 2] column and row of moves named D4 …, whose columns leave out I."""
    return np.array([["ABCDEFGHJKLMNOPQRSTUVWXYZ".index(name[0]), int(name[1:]) - 1] for name in names], np.float64)


def neighbours_on_the_board(vectors: np.ndarray, names: list[str], board: int) -> tuple[float, float]:
    """(fraction of moves whose most similar move touches them, straight or diagonally; by chance)."""
    where = places(names)
    far = np.abs(where[:, None] - where[None]).max(2)  # [V, V] king's moves
    alike = unit(vectors) @ unit(vectors).T
    np.fill_diagonal(alike, -2)
    np.fill_diagonal(far, board)
    return float((far[np.arange(len(far)), alike.argmax(1)] == 1).mean()), float((far == 1).mean())


def redrawn(vectors: np.ndarray, names: list[str]) -> float:
    """How much of columns and rows the four main directions explain: R² of a linear map onto them."""
    where = places(names)
    seen = np.column_stack([main_directions(vectors, 4), np.ones(len(names))])
    fit, *_ = np.linalg.lstsq(seen, where, rcond=None)
    left = where - seen @ fit
    return float(1 - left.var(0).sum() / where.var(0).sum())


def measured_on_the_board(vectors: np.ndarray, names: list[str], board: int, about: str) -> Measured:
    share, chance = neighbours_on_the_board(vectors, names, board)
    return Measured(
        metric="of the moves are nearest to a neighbouring point",
        value=share,
        ci95=wilson(share, len(names)),
        measured_on=f"{len(names)} points",
        better="higher",
        protocol=f"cosine of the vectors; a neighbour touches the point straight or diagonally ({about})",
        also={"by chance": chance, "R² of the board from four main directions": redrawn(vectors, names)},
    )


def pictures(vectors: np.ndarray, names: list[str], board: int, folder: Path) -> list[Path]:
    """words.png, or for moves board.png: the two main directions."""
    folder.mkdir(parents=True, exist_ok=True)
    if board:
        return [_board(vectors, names, folder / "board.png")]
    count = min(_SHOWN, len(names))
    placed = main_directions(vectors[:count], 2)
    figure, ax = pyplot().subplots(figsize=(10, 8))
    ax.scatter(*placed.T, s=6, color=COLOURS[0])
    for place, name in zip(placed, names, strict=False):
        ax.annotate(name, place, fontsize=7)
    ax.set_title(f"the {count} most frequent words, two main directions")
    write(figure, folder / "words.png")
    return [folder / "words.png"]


def _board(vectors: np.ndarray, names: list[str], path: Path) -> Path:
    """Each point where its vector lies, turned to fit best; lines join neighbours, as on the board."""
    where = places(names)
    seen = np.column_stack([main_directions(vectors, 4), np.ones(len(names))])
    fitted = seen @ np.linalg.lstsq(seen, where, rcond=None)[0]  # [V, 2]
    figure, axes = pyplot().subplots(1, 2, figsize=(14, 7))
    for ax, points, title in (
        (axes[0], main_directions(vectors, 2), "the two main directions of the vectors"),
        (axes[1], fitted, "four main directions, turned to lie as the board does"),
    ):
        for i, j in np.argwhere(np.abs(where[:, None] - where[None]).sum(2) == 1):
            if i < j:
                ax.plot(*points[[i, j]].T, color="#bbbbbb", linewidth=0.7, zorder=1)
        ax.scatter(*points.T, c=where.sum(1), cmap="viridis", s=18, zorder=2)
        for place, name in zip(points, names, strict=True):
            ax.annotate(name, place, fontsize=5)
        ax.set_title(title)
    write(figure, path)
    return path
