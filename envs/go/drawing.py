"""Draws a Go position as text."""

from __future__ import annotations

import numpy as np

from envs.go import board, coords


def draw(state: np.void, size: int, on_board: np.ndarray) -> str:
    """The board with coordinates, the last move in brackets; `on_board` indexes its points in the bordered arrays."""
    marks = np.array([".", "X", "O"])[state["colour"][on_board]].reshape(size, size)
    last = int(state["meta"][board.LAST])
    letters = "   " + " ".join(coords.COLUMNS[:size])
    lines = [letters]
    for row in range(size):
        text = " " + " ".join(marks[row]) + " "
        if 0 <= last < size * size and last // size == row:
            at = 1 + 2 * (last % size)
            text = text[: at - 1] + "(" + text[at] + ")" + text[at + 2 :]
        lines.append(f"{size - row:2}{text}{size - row}")
    meta = state["meta"]
    mover = "Black (X)" if meta[board.TO_MOVE] == board.BLACK else "White (O)"
    ends = {board.PASSED: "ended by two passes", board.RESIGNED: "ended by resignation", board.CUT: "cut short"}
    status = ends.get(int(meta[board.END]), f"{mover} to move")
    taken = f"captured: {meta[board.CAPTURED_BLACK]} black, {meta[board.CAPTURED_WHITE]} white"
    return "\n".join([*lines, letters, f"move {meta[board.MOVES]}, {status}; {taken}"])
