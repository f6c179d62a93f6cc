"""`tengen games` and `tengen show`: the board games, and one position of a record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from envs.boards.game import BLACK, IllegalMove
from envs.go import board, coords
from envs.go.records import LENIENT, replay
from envs.go.rule_sets import RULES
from envs.go.rules import Go
from envs.go.sgf import GoRecord, format_result, read_sgf
from tengen.errors import UserError


def list_games() -> int:
    """The board games, and the rule sets of Go."""
    from envs.boards.lines import connect4, tictactoe

    table = Table(box=None, header_style="bold")
    for column in ("game", "board", "moves", "planes", "known value"):
        table.add_column(column)
    known = {"tictactoe": "draw", "connect4": "the first player wins"}
    for game in (tictactoe(), connect4()):
        height, width = game.board_shape
        table.add_row(game.name, f"{width}x{height}", str(game.num_actions), str(len(game.planes)), known[game.name])
    table.add_row(
        "go2 … go25", "any square", "points + pass", "compact 18, zero 17, alphago 48", "2x2 +1, 3x3 +9, 4x4 +2"
    )
    console = Console(highlight=False)
    console.print(table)
    rules = Table(box=None, header_style="bold")
    for column in ("rules of Go", "ko", "suicide", "counting", "komi"):
        rules.add_column(column)
    for name, r in RULES.items():
        ko = "simple" if r.ko == "simple" else f"{r.ko} superko"
        rules.add_row(name, ko, "allowed" if r.suicide else "no", r.scoring, f"{r.komi:g}")
    console.print()
    console.print(rules)
    print("type next:\n  tengen show FILE.sgf --move 57")
    return 0


def show(path: Path, move: int | None) -> int:
    """Print the position of an SGF file after `move` moves (the last by default)."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    record = read_sgf(data, str(path))
    total = len(record.moves)
    at = total if move is None else move
    if not 0 <= at <= total:
        raise UserError(f"{path.name} has {total} moves: --move 0 to {total}")
    game = Go(record.size, LENIENT, max_moves=max(64, total + 1))
    state, notes = _position(record, game, at)
    print(_title(record, path))
    print(_beside(game.draw(state[0]), _legend(game, state)))
    for note in notes:
        print(note)
    return 0


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
    handicap = f", {record.handicap} handicap stones" if record.handicap else ""
    return f"{path.name}: {players}, komi {komi}{handicap}, {len(record.moves)} moves, result {result}"


def _legend(game: Go, state: np.ndarray) -> list[str]:
    """What stands beside the board: score, chains in trouble, ladders, unconditionally alive area."""
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
