"""The layers of the board: ground, stones, analysis marks, and clickable points."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from envs.boards.game import BLACK, WHITE, Game
from selfplay.board.drawing.geometry import CELL, Geometry, circle, text
from selfplay.board.drawing.looks import Look
from selfplay.thinking import Analysis, MoveAnalysis

SHOWN = 12  # number of moves labelled with numbers
_LONGEST = 9


def ground(g: Geometry, look: Look) -> str:
    """The empty board."""
    return g.svg(look.ground(g), "ground")


def stones(g: Geometry, look: Look, colours: np.ndarray, last: int | None, dead: Iterable[int]) -> str:
    """`colours` [H, W]; `last`: the point of the last move; `dead`: points with stones that count as dead."""
    flat, gone = colours.ravel(), set(dead)
    parts = []
    for point in np.flatnonzero(flat):
        x, y = g.xy(int(point))
        stone = look.stone(x, y, int(flat[point]))
        kind = ' class="dead"' if point in gone else ""
        parts.append(f'<g data-at="{point}"{kind}>{stone}</g>')
    if last is not None:
        x, y = g.xy(last)
        on = "on-black" if flat[last] == BLACK else "on-white"
        parts.append(circle(x, y, 0.22 * CELL, f"last {on}"))
    return g.svg("".join(parts), "stones")


def winning_rows(g: Geometry, rows: list[list[int]]) -> str:
    """A bar over each row of stones that won; `rows`: points from end to end."""
    ends = [(*g.xy(row[0]), *g.xy(row[-1])) for row in rows]
    path = "".join(f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" for a, b, c, d in ends)
    return f'<path d="{path}" class="won rim"/><path d="{path}" class="won"/>' if rows else ""


def territory(g: Geometry, owner: np.ndarray, colours: np.ndarray, dead: Iterable[int]) -> str:
    """Small squares on points owned by Black (1) or White (-1) that hold no living stone of the owner."""
    flat, stones_there, gone = owner.ravel(), colours.ravel(), set(dead)
    parts = []
    for point in np.flatnonzero(flat):
        if stones_there[point] == flat[point] and point not in gone:
            continue
        parts.append(_square(g, int(point), float(flat[point]), 0.30))
    return "".join(parts)


def ownership(g: Geometry, owner: np.ndarray) -> str:
    """`owner` [H * W] in [-1, 1]: a square per point, larger for higher certainty."""
    sure = np.flatnonzero(np.abs(owner) > 0.08)
    return "".join(_square(g, int(p), float(owner[p]), 0.14 + 0.26 * abs(float(owner[p]))) for p in sure)


def _square(g: Geometry, point: int, value: float, size: float) -> str:
    x, y = g.xy(point)
    side = size * CELL
    kind = "black" if value > 0 else "white"
    opacity = 0.35 + 0.6 * min(1.0, abs(value))
    return (
        f'<rect x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" height="{side:.1f}" rx="2" '
        f'class="owned {kind}" opacity="{opacity:.2f}"/>'
    )


def hints(
    g: Geometry, look: Look, game: Game, found: Analysis, numbers: str, colours: np.ndarray, after: Callable[[int], int]
) -> str:
    """The best moves, each with a number; on hover, the line the search expects.

    `after(i)`: the colour of the i-th move of a line.
    """
    most = max((move.visits for move in found.moves), default=1)
    shown = list(found.moves[:SHOWN])
    if numbers == "policy":
        shown = sorted(found.moves, key=lambda move: -move.prior)[:SHOWN]
        most_prior = max((move.prior for move in shown), default=1.0) or 1.0
    parts = []
    for move in shown:
        point = g.where(move.action, colours)
        if point is None:
            continue
        share = move.prior / most_prior if numbers == "policy" else move.visits / most
        x, y = g.xy(point)
        best = move.action == found.best
        kind = "hint best" if best else "hint"
        number = _number(move, numbers)
        sign = circle(x, y, 0.455 * CELL, "spot", f'style="--share:{share:.2f}"')
        label = text(x, y, number, "number", 14 if len(number) < 3 else 12 if len(number) < 4 else 11)
        line = _line(g, look, game, move, colours, after)
        parts.append(f'<g class="{kind}"><g class="at">{sign}{label}</g>{line}</g>')
    return "".join(parts)


def _number(move: MoveAnalysis, numbers: str) -> str:
    if numbers == "visits":
        return str(move.visits) if move.visits < 1000 else f"{move.visits / 1000:.1f}k"
    return f"{100 * move.prior:.0f}" if numbers == "policy" else f"{50 * (1 + move.value):.0f}"


def _line(
    g: Geometry, look: Look, game: Game, move: MoveAnalysis, colours: np.ndarray, after: Callable[[int], int]
) -> str:
    board, parts = colours.copy(), []
    for i, action in enumerate(move.line[:_LONGEST]):
        point = g.where(action, board)
        if point is None or board.flat[point] != 0:
            continue
        board.flat[point] = after(i)
        x, y = g.xy(point)
        on = "on-black" if after(i) == BLACK else "on-white"
        parts.append(look.stone(x, y, after(i)) + text(x, y, str(i + 1), f"number {on}", 15))
    return f'<g class="line">{"".join(parts)}</g>'


def next_moves(g: Geometry, points: list[tuple[int, str]]) -> str:
    """The recorded next moves: a letter each, at the corner of the point."""
    parts = []
    for point, letter in points:
        x, y = (at + side * 0.34 * CELL for at, side in zip(g.xy(point), (1, -1), strict=True))
        parts.append(circle(x, y, 0.19 * CELL, "next") + text(x, y, letter, "letter", 10))
    return "".join(parts)


def clickable(g: Geometry, look: Look, names: Callable[[int], str]) -> str:
    """A clickable square per point, with the point's name; the keyboard cursor; the stone that a click would play."""
    sides = zip(look.names, (BLACK, WHITE), strict=True)
    ghosts = "".join(f'<g class="{name.lower()}">{look.stone(0, 0, colour)}</g>' for name, colour in sides)
    parts = [f'<g id="ghost" class="ghost">{ghosts}</g>']
    half = CELL / 2
    for point in range(g.rows * g.columns):
        x, y = g.xy(point)
        parts.append(
            f'<rect x="{x - half:g}" y="{y - half:g}" width="{CELL:g}" height="{CELL:g}" class="hit" '
            f'data-point="{point}" data-action="{g.action(point)}" data-name="{names(g.action(point))}"/>'
        )
    height = g.rows * CELL if g.falls else CELL  # where stones fall, the cursor is on a column
    frame = f'<rect x="{-half:g}" y="{-half:g}" width="{CELL:g}" height="{height:g}" rx="6" class='
    parts.append(f'<g id="cursor" class="cursor">{frame}"rim"/>{frame}"line"/></g>')
    return g.svg("".join(parts), "hits")
