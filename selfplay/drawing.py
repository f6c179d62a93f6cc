"""Draw boards as pixels: wood, stones and coordinates for Go, discs in a frame for other games."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from envs.go.coords import COLUMNS

_WOOD, _LINE, _PAPER, _INK = (222, 184, 121), (70, 48, 24), (250, 247, 240), (40, 36, 32)
_BLACK, _WHITE, _MARK = (24, 24, 26), (246, 246, 242), (214, 64, 44)
_FRAME, _HOLE, _DISC = (44, 88, 160), (236, 238, 242), {1: (206, 58, 48), -1: (245, 200, 66)}
_WIDTH = 420  # pixels of one board
_ALL = 660  # of several
_GAP = 8  # between them
_FINE = 2  # drawn larger by this, then scaled down: smooth edges


class Picture(NamedTuple):
    """One board at one moment."""

    stones: np.ndarray  # [H, W] int8 1 Black, -1 White
    last: int  # point of the newest stone, -1 for none
    go: bool
    title: str
    move: int


class Grid:
    """Pictures side by side, all of the same shape."""

    def __init__(self, count: int, shape: tuple[int, ...]) -> None:
        self.columns = math.ceil(math.sqrt(count))
        self.rows = math.ceil(count / self.columns)
        self.width = _WIDTH if count == 1 else _ALL // self.columns - _GAP
        self.strip = max(18, self.width // 16)  # for the title
        cell = self.width / shape[1]
        self.height = round(cell * shape[0]) + self.strip

    def draw(self, pictures: list[Picture]) -> np.ndarray:
        """[H, W, 3] bytes."""
        wide, high = self.width + _GAP, self.height + _GAP
        whole = Image.new("RGB", (self.columns * wide - _GAP, self.rows * high - _GAP), _PAPER)
        for place, picture in enumerate(pictures):
            row, column = divmod(place, self.columns)
            whole.paste(self._one(picture), (column * wide, row * high))
        return np.asarray(whole)

    def _one(self, picture: Picture) -> Image.Image:
        size = (_FINE * self.width, _FINE * (self.height - self.strip))
        board = Image.new("RGB", size, _WOOD if picture.go else _FRAME)
        (_go if picture.go else _discs)(ImageDraw.Draw(board), picture, size)
        whole = Image.new("RGB", (self.width, self.height), _PAPER)
        whole.paste(board.resize((self.width, self.height - self.strip), Image.Resampling.LANCZOS), (0, self.strip))
        text = ImageDraw.Draw(whole)
        font = _font(0.6 * self.strip)
        number = f"{picture.move}"
        right = self.width - 6 - text.textlength(number, font)
        title = picture.title
        while title and text.textlength(title, font) > right - 16:
            title = title[:-2].rstrip("… ") + "…" if len(title) > 2 else ""
        text.text((6, 0.15 * self.strip), title, _INK, font)
        text.text((right, 0.15 * self.strip), number, _INK, font)
        return whole


@cache
def _font(size: float) -> Any:
    """DejaVu, which knows most alphabets and comes with matplotlib."""
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", size)


def _go(draw: ImageDraw.ImageDraw, picture: Picture, size: tuple[int, int]) -> None:
    n = len(picture.stones)
    cell = size[0] / (n + 1.4)  # room for the coordinates

    def at(k: float) -> float:
        return (k + 1.2) * cell

    for k in range(n):
        width = max(1, round(cell / 26))
        draw.line([(at(0), at(k)), (at(n - 1), at(k))], _LINE, width)
        draw.line([(at(k), at(0)), (at(k), at(n - 1))], _LINE, width)
    for row, column in _stars(n):
        _disc(draw, at(column), at(row), cell / 9, _LINE)
    font = _font(max(8.0, 0.42 * cell))
    for k in range(n):
        draw.text((at(k), 0.42 * cell), COLUMNS[k], _LINE, font, anchor="mm")
        draw.text((0.42 * cell, at(k)), str(n - k), _LINE, font, anchor="mm")
    for row, column in zip(*np.nonzero(picture.stones), strict=True):
        x, y, black = at(column), at(row), picture.stones[row, column] == 1
        _disc(draw, x + cell / 24, y + cell / 18, 0.48 * cell, (168, 134, 80))  # its shadow
        _disc(draw, x, y, 0.47 * cell, _BLACK if black else _WHITE, None if black else (120, 112, 100))
        if picture.last == row * n + column:
            _disc(draw, x, y, 0.2 * cell, None, _MARK, max(2, round(cell / 14)))


def _discs(draw: ImageDraw.ImageDraw, picture: Picture, size: tuple[int, int]) -> None:
    height, width = picture.stones.shape
    cell = size[0] / width
    for row in range(height):
        for column in range(width):
            x, y, stone = (column + 0.5) * cell, (row + 0.5) * cell, int(picture.stones[row, column])
            _disc(draw, x, y, 0.42 * cell, _DISC.get(stone, _HOLE))
            if picture.last == row * width + column:
                _disc(draw, x, y, 0.14 * cell, _BLACK)


def _disc(
    draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: Any, line: Any = None, wide: int = 1
) -> None:
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill, line, wide)


def _stars(size: int) -> list[tuple[int, int]]:
    """The points that are marked on the board (hoshi)."""
    if size < 7:
        return []
    near, middle = (2 if size < 13 else 3), size // 2
    ends = [near, size - 1 - near]
    stars = [(row, column) for row in ends for column in ends]
    if size % 2:
        stars.append((middle, middle))
    if size % 2 and size >= 15:
        stars += [(middle, end) for end in ends] + [(end, middle) for end in ends]
    return stars
