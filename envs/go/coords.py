"""Conversions between the ways to name a point.

action   row * size + column from the top left; size² passes          60 on 19x19
vertex   GTP: column letter without I, row number from the bottom     D16
sgf      column letter, row letter from the top; "" (or "tt" up to 19x19) passes     dd
point    index into the bordered arrays of board.py                   84
"""

from __future__ import annotations

import numpy as np

from tengen.errors import UserError

COLUMNS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # no I
PASS = "pass"


def to_vertex(action: int, size: int) -> str:
    """The GTP vertex of an action."""
    if action == size * size:
        return PASS
    row, column = divmod(action, size)
    return f"{COLUMNS[column]}{size - row}"


def from_vertex(text: str, size: int) -> int:
    """The action of a GTP vertex, in either case; UserError if it is not a point on the board."""
    word = text.strip().upper()
    if word == "PASS":
        return size * size
    column = COLUMNS.find(word[:1]) if word else -1
    number = word[1:4]  # int() takes no more than 4,300 digits
    if column < 0 or column >= size or not (number.isascii() and number.isdigit()) or not 1 <= int(number) <= size:
        last = f"{COLUMNS[size - 1]}{size}"
        raise UserError(f"{text!r} is no point on a {size}x{size} board: write A1 to {last}, or pass")
    return (size - int(number)) * size + column


def to_sgf(action: int, size: int) -> str:
    """The SGF name of an action; a pass is empty."""
    if action == size * size:
        return ""
    row, column = divmod(action, size)
    return chr(97 + column) + chr(97 + row)


def from_sgf(text: str, size: int) -> int:
    """The action of an SGF point; UserError if it is not a point on the board."""
    if text == "" or (text == "tt" and size <= 19):
        return size * size
    column, row = (ord(letter) - 97 for letter in text) if len(text) == 2 else (-1, -1)
    if not (0 <= column < size and 0 <= row < size):
        raise UserError(f"{text!r} is no point on a {size}x{size} board")
    return row * size + column


def to_point(action: int, size: int) -> int:
    """Index into the bordered arrays."""
    row, column = divmod(action, size)
    return (row + 1) * (size + 1) + column + 1


def from_point(point: int, size: int) -> int:
    row, column = divmod(point, size + 1)
    return (row - 1) * size + column - 1


def inner_points(size: int) -> np.ndarray:
    """[A] bool: points off the first line and, from 9x9 on, off the second; on boards below 5x5 all. Not the pass."""
    edge = 2 if size >= 9 else 1 if size >= 5 else 0
    inner = np.zeros((size, size), bool)
    inner[edge : size - edge, edge : size - edge] = True
    return np.append(inner.ravel(), False)


def fixed_handicap(stones: int, size: int) -> list[int]:
    """The traditional points for `stones` handicap stones, as in GTP's fixed_handicap."""
    if size < 7 or not 2 <= stones <= (9 if size % 2 and size >= 9 else 4):
        raise UserError(f"there is no fixed placement of {stones} handicap stones on a {size}x{size} board")
    near = 2 if size < 13 else 3
    far, middle = size - 1 - near, size // 2
    corners = [(far, near), (near, far), (near, near), (far, far)]  # (row, column): lower left, upper right, …
    sides = [(middle, near), (middle, far), (near, middle), (far, middle)]
    centre = (middle, middle)
    if stones <= 4:
        chosen = corners[:stones]
    elif stones == 5:
        chosen = [*corners, centre]
    elif stones in (6, 7):
        chosen = [*corners, *sides[:2], *([centre] if stones == 7 else [])]
    else:
        chosen = [*corners, *sides, *([centre] if stones == 9 else [])]
    return [row * size + column for row, column in chosen]
