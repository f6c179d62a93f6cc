"""The look of the games' boards and stones. A game that is not named here is drawn as cells with crosses.

A look is a function that draws the empty board, and one that draws a stone; both in the units of geometry.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from envs.boards.game import BLACK, Game
from selfplay.board.drawing.geometry import CELL, Geometry, circle, text

_COLUMNS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
_STARS = {7: (2, 3, 4), 9: (2, 4, 6), 11: (2, 5, 8), 13: (3, 6, 9)}


class Look(NamedTuple):
    """How a game is drawn, and the names of its two colours."""

    ground: Callable[[Geometry], str]
    stone: Callable[[float, float, int], str]
    names: tuple[str, str] = ("Black", "White")


def look_of(game: Game) -> Look:
    if game.can.passing is not None:
        return Look(_wood, _pebble)
    if game.name == "connect4":
        return Look(_rack, _disc, ("Red", "Yellow"))
    return Look(_cells, _sign, ("X", "O"))


# --- Go: wood, lines, pebbles -----------------------------------------------------------------------

_WOOD = """<defs>
<linearGradient id="wood" x1="0" y1="0" x2="1" y2="1">
<stop offset="0" stop-color="#e6bb74"/><stop offset=".5" stop-color="#dcab5d"/><stop offset="1" stop-color="#cf9a4b"/>
</linearGradient>
<filter id="grain" x="0" y="0" width="100%" height="100%">
<feTurbulence type="fractalNoise" baseFrequency=".004 .16" numOctaves="3" seed="8" result="noise"/>
<feColorMatrix in="noise" values="0 0 0 0 .36  0 0 0 0 .20  0 0 0 0 .05  .55 .35 0 0 -.30"/>
</filter>
<radialGradient id="black" cx=".35" cy=".30" r=".75">
<stop offset="0" stop-color="#7d7d80"/><stop offset=".28" stop-color="#3a3a3d"/>
<stop offset=".75" stop-color="#131316"/><stop offset="1" stop-color="#050507"/>
</radialGradient>
<radialGradient id="white" cx=".36" cy=".30" r=".80">
<stop offset="0" stop-color="#ffffff"/><stop offset=".45" stop-color="#f6f4ef"/>
<stop offset=".82" stop-color="#dcd8cf"/><stop offset="1" stop-color="#b9b4a8"/>
</radialGradient>
<radialGradient id="shadow"><stop offset=".62" stop-color="#2a1804" stop-opacity=".50"/>
<stop offset="1" stop-color="#2a1804" stop-opacity="0"/></radialGradient>
</defs>"""


def _wood(g: Geometry) -> str:
    parts = [_WOOD, f'<rect width="{g.width:g}" height="{g.height:g}" fill="url(#wood)"/>']
    parts.append(f'<rect width="{g.width:g}" height="{g.height:g}" filter="url(#grain)" opacity=".85"/>')
    left, top, right, bottom = g.margin, g.margin, g.width - g.margin, g.height - g.margin
    lines = [f"M{left:g} {top + i * CELL:g}H{right:g}" for i in range(g.rows)]
    lines += [f"M{left + i * CELL:g} {top:g}V{bottom:g}" for i in range(g.columns)]
    parts.append(f'<path d="{"".join(lines)}" class="lines"/>')
    parts.append(f'<rect x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}" class="frame"/>')
    parts += [circle(*g.xy(row * g.columns + column), 4.2, "hoshi") for row, column in _stars(g.rows)]
    for i in range(g.columns):
        x = left + i * CELL
        parts += [text(x, y, _COLUMNS[i], "coordinate", 13) for y in (14, g.height - 14)]
    for i in range(g.rows):
        y = top + i * CELL
        parts += [text(x, y, str(g.rows - i), "coordinate", 13) for x in (14, g.width - 14)]
    return "".join(parts)


def _stars(size: int) -> list[tuple[int, int]]:
    if size < 7:
        return [(size // 2, size // 2)] if size % 2 and size > 2 else []
    near, middle, far = _STARS.get(size, (3, size // 2, size - 4))
    corners = [(a, b) for a in (near, far) for b in (near, far)]
    centre = [(middle, middle)] if size % 2 else []
    sides = [(near, middle), (far, middle), (middle, near), (middle, far)] if size % 2 and size > 13 else []
    return corners + centre + sides


def _pebble(x: float, y: float, colour: int) -> str:
    kind = "black" if colour == BLACK else "white"
    return circle(x + 1.8, y + 3.2, 0.52 * CELL, "", 'fill="url(#shadow)"') + circle(
        x, y, 0.482 * CELL, f"stone {kind}", f'fill="url(#{kind})"'
    )


# --- Connect 4: a blue rack with holes, discs of red and of yellow; yellow ones have a ring ----------

_RACK = """<defs>
<linearGradient id="rack" x1="0" y1="0" x2="0" y2="1">
<stop offset="0" stop-color="#2f6fc4"/><stop offset="1" stop-color="#1c4f9c"/></linearGradient>
<radialGradient id="red" cx=".36" cy=".30" r=".8"><stop offset="0" stop-color="#ef6a5b"/>
<stop offset=".6" stop-color="#c8291d"/><stop offset="1" stop-color="#8f150d"/></radialGradient>
<radialGradient id="yellow" cx=".36" cy=".30" r=".8"><stop offset="0" stop-color="#fff2ac"/>
<stop offset=".6" stop-color="#f7cf3d"/><stop offset="1" stop-color="#d09d10"/></radialGradient>
</defs>"""


def _rack(g: Geometry) -> str:
    parts = [_RACK, f'<rect width="{g.width:g}" height="{g.height:g}" fill="url(#rack)"/>']
    for point in range(g.rows * g.columns):
        parts.append(circle(*g.xy(point), 0.43 * CELL, "hole"))
    for column in range(g.columns):
        x, _ = g.xy(column)
        parts.append(text(x, g.height - 7, str(column + 1), "coordinate light", 10))
    return "".join(parts)


def _disc(x: float, y: float, colour: int) -> str:
    kind = "red" if colour == BLACK else "yellow"
    inner = 0.28 if colour == BLACK else 0.26
    sign = (
        circle(x, y, inner * CELL, "ring-of-yellow")
        if colour != BLACK
        else f'<path d="M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12" class="cross-of-red"/>'
    )
    return circle(x, y, 0.43 * CELL, f"stone {kind}", f'fill="url(#{kind})"') + sign


# --- cells with crosses and rings -------------------------------------------------------------------


def _cells(g: Geometry) -> str:
    first = g.margin - CELL / 2
    lines = [f"M{first + i * CELL:g} {first:g}v{g.rows * CELL:g}" for i in range(1, g.columns)]
    lines += [f"M{first:g} {first + i * CELL:g}h{g.columns * CELL:g}" for i in range(1, g.rows)]
    parts = [f'<rect width="{g.width:g}" height="{g.height:g}" class="paper"/>']
    parts.append(f'<path d="{"".join(lines)}" class="pencil"/>')
    for i in range(g.columns):
        parts.append(text(g.margin + i * CELL, g.height - 6, chr(97 + i), "coordinate", 7))
    for i in range(g.rows):
        parts.append(text(6, g.margin + i * CELL, str(g.rows - i), "coordinate", 7))
    return "".join(parts)


def _sign(x: float, y: float, colour: int) -> str:
    if colour == BLACK:
        return f'<path d="M{x - 11:.1f} {y - 11:.1f}l22 22m0 -22l-22 22" class="sign x"/>'
    return circle(x, y, 12, "sign o")
