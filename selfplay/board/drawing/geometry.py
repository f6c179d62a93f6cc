"""Coordinates on a board drawn as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

from envs.boards.game import Game

CELL = 40.0  # SVG units between neighbouring points


@dataclass(frozen=True)
class Geometry:
    """A board of `rows` x `columns` points, with a margin of `margin` units around the outermost ones."""

    rows: int
    columns: int
    margin: float
    falls: bool  # an action is a column, in which stones fall

    @property
    def width(self) -> float:
        return 2 * self.margin + (self.columns - 1) * CELL

    @property
    def height(self) -> float:
        return 2 * self.margin + (self.rows - 1) * CELL

    def xy(self, point: int) -> tuple[float, float]:
        """The centre of a point; points are numbered row by row from the top left."""
        row, column = divmod(point, self.columns)
        return self.margin + column * CELL, self.margin + row * CELL

    def where(self, action: int, stones: np.ndarray) -> int | None:
        """The point `action` occupies, given `stones` [H, W] on the board; None for a pass or a full column."""
        if not self.falls:
            return action if action < self.rows * self.columns else None
        free = np.flatnonzero(stones[:, action] == 0) if 0 <= action < self.columns else np.array([], int)
        return int(free[-1]) * self.columns + action if len(free) else None

    def action(self, point: int) -> int:
        """The action for a click on `point`."""
        return point % self.columns if self.falls else point

    def svg(self, content: str, kind: str, label: str = "") -> str:
        """One layer of the board."""
        role = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
        box = f"0 0 {self.width:g} {self.height:g}"
        return f'<svg class="layer {kind}" viewBox="{box}" {role} xmlns="http://www.w3.org/2000/svg">{content}</svg>'


def geometry(game: Game) -> Geometry:
    rows, columns = game.board_shape
    on_lines = game.can.passing is not None
    margin = 45.0 if on_lines else 34.0
    return Geometry(rows, columns, margin, game.num_actions == columns and rows > 1)


def text(x: float, y: float, words: str, kind: str, size: float, more: str = "") -> str:
    """Text centred at (x, y)."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" font-size="{size:g}" {more}>{escape(words)}</text>'


def circle(x: float, y: float, r: float, kind: str, more: str = "") -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" class="{kind}" {more}/>'
