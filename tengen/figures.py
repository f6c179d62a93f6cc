"""Code shared by all of Tengen's figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tengen.errors import UserError

COLOURS = ("#1b6ca8", "#d1495b", "#2e8b57", "#8e5ea2", "#c97b12", "#555555")
POINTS = 200  # of a smoothed curve or a band


def pyplot() -> Any:
    """matplotlib without a window."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def coloured(things: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """(colour, thing), the colours in turn."""
    for i, thing in enumerate(things):
        yield COLOURS[i % len(COLOURS)], thing


def save(figure: Any, title: str, out: Path) -> None:
    """Grid, legend and title; then written to `out` (png, svg or pdf)."""
    figure.suptitle(title)
    for axes in figure.axes:
        axes.grid(alpha=0.25, which="both")
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlim(left=0)
    figure.axes[0].legend(frameon=False, fontsize=8)
    write(figure, out)


def write_picture(picture: np.ndarray, out: Path) -> Path:
    """Write [H, W, 3] bytes as a picture (png, jpg); its path."""
    from PIL import Image

    try:
        Image.fromarray(picture).save(out)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot write {out}: {error}; use --out FILE.png") from error
    return out


def grid(pictures: np.ndarray, columns: int, scale: int = 1, gap: int = 2) -> np.ndarray:
    """Pictures [N, H, W] or [N, H, W, 3] of bytes as one, in rows of `columns`, each `scale` times as large."""
    if pictures.ndim == 3:
        pictures = np.repeat(pictures[..., None], 3, axis=3)
    pictures = pictures.repeat(scale, axis=1).repeat(scale, axis=2)
    count, height, width = pictures.shape[:3]
    rows = -(-count // columns)
    whole = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), 255, np.uint8)
    for i, picture in enumerate(pictures):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        whole[top : top + height, left : left + width] = picture
    return whole


def write(figure: Any, out: Path) -> None:
    """The figure as it is, to `out` (png, svg or pdf)."""
    try:
        figure.savefig(out, dpi=130)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot write {out}: {error}; use --out FILE.png") from error
    finally:
        pyplot().close(figure)
