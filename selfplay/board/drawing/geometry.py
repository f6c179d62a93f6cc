"""Where things are on a board drawn as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

from envs.boards.game import Game

CELL = 40.0  # units from one point to the next


@dataclass(frozen=True)
class Geometry:
    """A board of `rows` x `columns` points; `margin` units around the outermost ones."""

    rows: int
    columns: int
    margin: float
    falls: bool  # an action is a column: stones fall down in it

    @property
    def width(self) -> float:
        return 2 * self.margin + (self.columns - 1) * CELL

    @property
    def height(self) -> float:
        return 2 * self.margin + (self.rows - 1) * CELL

    def xy(self, point: int) -> tuple[float, float]:
        """The middle of a point, counted row by row from the top left."""
        row, column = divmod(point, self.columns)
        return self.margin + column * CELL, self.margin + row * CELL

    def where(self, action: int, stones: np.ndarray) -> int | None:
        """The point that `action` fills with `stones` [H, W] on the board; None for a pass or a full column."""
        if not self.falls:
            return action if action < self.rows * self.columns else None
        free = np.flatnonzero(stones[:, action] == 0) if 0 <= action < self.columns else np.array([], int)
        return int(free[-1]) * self.columns + action if len(free) else None

    def action(self, point: int) -> int:
        """The action that a click on `point` stands for."""
        return point % self.columns if self.falls else point

    def svg(self, content: str, kind: str, label: str = "") -> str:
        """A layer of the board."""
        role = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
        box = f"0 0 {self.width:g} {self.height:g}"
        return f'<svg class="layer {kind}" viewBox="{box}" {role} xmlns="http://www.w3.org/2000/svg">{content}</svg>'


def geometry(game: Game) -> Geometry:
    rows, columns = game.board_shape
    on_lines = game.can.passing is not None
    margin = 45.0 if on_lines else 34.0
    return Geometry(rows, columns, margin, game.num_actions == columns and rows > 1)


def text(x: float, y: float, words: str, kind: str, size: float, more: str = "") -> str:
    """Text whose middle is at (x, y)."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" font-size="{size:g}" {more}>{escape(words)}</text>'


def circle(x: float, y: float, r: float, kind: str, more: str = "") -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" class="{kind}" {more}/>'
