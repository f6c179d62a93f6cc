"""Pictures of what a translator has learned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from supervised.sequence.translation import batches
from supervised.sequence.translation.translate import Translation, Translator
from tengen.figures import COLOURS, pyplot, write


def pictures(translator: Translator, texts: Sequence[str], folder: Path) -> list[Path]:
    """attention.png: where the network looked while it translated `texts`; of one that cannot look, sentences.png."""
    folder.mkdir(parents=True, exist_ok=True)
    if not hasattr(translator.net, "attend"):
        return [sentence_vectors(translator, texts, folder / "sentences.png")]
    beam, penalty = translator.network["beam"], translator.network["length_penalty"]
    made = [translator.explain(text, beam, penalty) for text in texts[:4]]
    figure, axes = pyplot().subplots(2, 2, figsize=(11, 10))
    for ax, one in zip(axes.flat, made, strict=False):
        draw_attention(ax, one)
    for ax in list(axes.flat)[len(made) :]:
        ax.set_axis_off()
    figure.tight_layout()
    path = folder / "attention.png"
    write(figure, path)
    return [path]


def draw_attention(ax: Any, one: Translation) -> None:
    """A row for each piece that was written, a column for each that was read; darker is more."""
    assert one.looks is not None
    ax.imshow(one.looks, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    ax.set_xticks(range(len(one.source)), one.source, rotation=60, ha="right", fontsize=7)
    ax.set_yticks(range(len(one.target)), one.target, fontsize=7)
    ax.set_xlabel("source words, as they are read")
    ax.set_ylabel("target words, as they are written")


def attention_picture(one: Translation) -> np.ndarray:
    """[H, W, 3] bytes."""
    plt = pyplot()
    figure, ax = plt.subplots(figsize=(2 + 0.35 * len(one.source), 1.5 + 0.3 * len(one.target)))
    draw_attention(ax, one)
    figure.tight_layout()
    figure.canvas.draw()
    picture: np.ndarray = np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()
    plt.close(figure)
    return picture


def sentence_vectors(translator: Translator, texts: Sequence[str], path: Path) -> Path:
    """The vectors that sentences become, by their two main directions (Sutskever 2014, figure 2)."""
    net: Any = translator.net
    device = next(net.parameters()).device
    vectors = []
    for text in texts:
        source = batches.sources([translator.source.encode(text)]).to(device)
        vectors.append(net.encode(source)[0][-1, 0].float().cpu().numpy())
    points = np.stack(vectors) - np.mean(vectors, 0)
    _, _, directions = np.linalg.svd(points, full_matrices=False)
    placed = points @ directions[:2].T  # [N, 2]
    figure, ax = pyplot().subplots(figsize=(9, 6))
    ax.scatter(*placed.T, color=COLOURS[0])
    for place, text in zip(placed, texts, strict=True):
        ax.annotate(text[:60], place, fontsize=7, xytext=(4, 4), textcoords="offset points")
    ax.set_title("sentences as the encoder sees them, two main directions")
    write(figure, path)
    return path
