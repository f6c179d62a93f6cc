"""Shows a position of a game record as text: the board and its notable features."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from envs.boards.game import BLACK, IllegalMove
from envs.go import board, coords
from envs.go.game import Go
from envs.go.records import LENIENT, replay
from envs.go.sgf import LARGEST, GoRecord, format_result, read_sgf
from tengen.errors import UserError
from tengen.files import read_bytes
from tengen.plural import counted


def show(path: Path, move: int | None) -> str:
    """The position of an SGF file after `move` moves (the last by default), as text."""
    record = read_sgf(read_bytes(path, LARGEST), str(path))
    total = len(record.moves)
    at = total if move is None else move
    if not 0 <= at <= total:
        raise UserError(f"{path.name} has {counted(total, 'moves')}: --move 0 to {total}")
    game = Go(record.size, LENIENT, max_moves=max(64, total + 1))
    state, notes = _position(record, game, at)
    return "\n".join([_title(record, path), _beside(game.draw(state[0]), _legend(game, state)), *notes])


def _position(record: GoRecord, game: Go, at: int) -> tuple[np.ndarray, list[str]]:
    state = None
    for number, position in enumerate(replay(record, game)):
        state = position.copy()
        if number == at:
            break
    assert state is not None
    notes = []
    try:
        for _ in replay(record, Go(record.size, "tromp-taylor", max_moves=game.max_moves)):
            pass
    except IllegalMove as error:
        notes.append(f"under positional superko: {error}")
    return state, notes


def _title(record: GoRecord, path: Path) -> str:
    players = " – ".join(
        f"{name or '?'}{f' [{rank}]' if rank else ''} ({colour})"
        for name, rank, colour in (
            (record.black, record.black_rank, "Black"),
            (record.white, record.white_rank, "White"),
        )
    )
    result = format_result(record.winner, record.margin, record.by) or "unknown"
    komi = "?" if record.komi is None else f"{record.komi:g}"
    handicap = f", {counted(record.handicap, 'handicap stones')}" if record.handicap else ""
    return f"{path.name}: {players}, komi {komi}{handicap}, {counted(len(record.moves), 'moves')}, result {result}"


def _legend(game: Go, state: np.ndarray) -> list[str]:
    """Text beside the board: score, chains short of liberties, ladders, unconditionally alive area."""
    size = game.size
    heads, libs, laddered = game.chains(state)
    stones = game.stones(state)[0]
    score, alive = game.score(state)[0], game.alive(state)[0]
    lines = [
        f"area as it stands: {'Black' if score > 0 else 'White'} +{abs(score):g} with komi" if score else "area: even",
        f"unconditionally alive: Black {int((alive == 1).sum())}, White {int((alive == -1).sum())} points",
    ]
    ko = int(state["meta"][0, board.KO])
    if ko:
        lines.append(f"ko: {coords.to_vertex(coords.from_point(ko, size), size)} may not be retaken now")
    for head in np.unique(heads[heads > 0]):
        rows, columns = np.nonzero(heads == head)
        n = int(libs[rows[0], columns[0]])
        if n > 2:
            continue
        colour = "Black" if stones[rows[0], columns[0]] == BLACK else "White"
        where = coords.to_vertex(int(rows[0] * size + columns[0]), size)
        count = len(rows)
        text = f"{colour} {where} ({count} stone{'s' if count > 1 else ''}): {n} libert{'ies' if n > 1 else 'y'}"
        lines.append(text + (", caught in a ladder" if laddered[rows[0], columns[0]] else ""))
    return lines


def _beside(drawing: str, legend: list[str]) -> str:
    left = drawing.split("\n")
    status, left = left[-1], left[:-1]
    width = max(len(line) for line in left)
    rows = max(len(left), len(legend))
    left += [""] * (rows - len(left))
    legend = legend + [""] * (rows - len(legend))
    return "\n".join([*(f"{a:{width}}   {b}".rstrip() for a, b in zip(left, legend, strict=True)), status])
