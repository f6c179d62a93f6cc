"""Films of game records: one game, or several games of a match side by side, one frame per move.

tengen watch game.sgf            a game of Go
tengen watch MATCH               a match folder: its first games together
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from envs.boards.catalogue import make_game
from envs.boards.game import BLACK, Game
from selfplay.drawing import Grid, Picture
from selfplay.gtp.client import printable
from tengen.errors import UserError
from tengen.files import path_of, read_bytes
from tengen.run import read_rows

_TOGETHER = 9  # games in one frame, at most
_LONGEST = 20_000  # moves
_HOLD = 6  # extra frames for the final position of the longest game


class Film(NamedTuple):
    frames: list[np.ndarray]  # [H, W, 3] bytes, one per move
    caption: str


@dataclass(frozen=True)
class Record:
    """A game that can be drawn."""

    title: str
    boards: list[np.ndarray]  # [H, W] int8 1 Black, -1 White: before each move, and the final position
    last: list[int]  # the point of the newest stone at each of them, -1 for none
    go: bool


def is_record(name: str) -> bool:
    """Whether `name` is a game record or a match folder rather than a player."""
    path = path_of(name)
    return path.is_file() or (path.is_dir() and bool(_files(path) or (path / "games.jsonl").is_file()))


def film_records(path: Path, game: int | None = None) -> Film:
    """The game of an SGF file, or games of a match folder: number `game` (from 1), or the first nine together.

    UserError for anything that is not a record, and for illegal moves.
    """
    records = list(_records(path, game))
    if not records:
        raise UserError(f"{path} holds no game{'' if game is None else f' {game}'} that can be drawn")
    grid = Grid(len(records), records[0].boards[0].shape)
    frames = []
    for step in range(max(len(record.boards) for record in records)):
        pictures = []
        for record in records:
            now = min(step, len(record.boards) - 1)
            pictures.append(Picture(record.boards[now], record.last[now], record.go, record.title, now))
        frames.append(grid.draw(pictures))
    moves = len(frames) - 1
    frames += [frames[-1]] * _HOLD
    what = records[0].title if len(records) == 1 else f"{len(records)} games"
    return Film(frames, f"{path}: {what}, {moves} moves{'' if len(records) == 1 else ' at most'}")


def _records(path: Path, game: int | None) -> Iterator[Record]:
    if path.is_file():
        if game is not None:
            raise UserError(f"--game is for the folder of a match; {path} is one game")
        yield _of_sgf(path)
        return
    files = _files(path)
    if files:
        chosen = files[:_TOGETHER] if game is None else [f for f in files if f.stem == f"{game:04}"]
        yield from map(_of_sgf, chosen)
        return
    yield from _of_match(path / "games.jsonl", game)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.sgf"))


def _of_sgf(path: Path) -> Record:
    from envs.go.game import Go
    from envs.go.records import LENIENT, replay
    from envs.go.sgf import LARGEST, format_result, read_sgf

    record = read_sgf(read_bytes(path, LARGEST), str(path))
    if len(record.moves) > _LONGEST:
        raise UserError(f"{path}: {len(record.moves):,} moves; films have at most {_LONGEST:,}")
    game = Go(record.size, LENIENT, max_moves=max(64, len(record.moves) + 1))
    boards = [game.stones(state)[0].copy() for state in replay(record, game)]
    passed = record.size**2
    last = [-1, *(move.action if move.action != passed else -1 for move in record.moves)]
    result = format_result(record.winner, record.margin, record.by)
    title = f"{record.black or '?'} – {record.white or '?'}" + (f"  {result}" if result else "")
    return Record(printable(title, 80), boards, last, True)


def _of_match(file: Path, number: int | None) -> Iterator[Record]:
    """Games without SGF, from the rows of a match's games.jsonl."""
    heads, rows = read_rows(file, "task"), read_rows(file, "number")
    if not heads:
        raise UserError(f"{file} is damaged: it does not name the game")
    head = heads[0]
    try:
        game = make_game(str(head["task"]))
        rows = sorted(rows, key=lambda row: row["number"])
        chosen = rows[:_TOGETHER] if number is None else [row for row in rows if row["number"] == number - 1]
        for row in chosen:
            names = str(head["first"]), str(head["second"])
            yield _of_actions(game, row["actions"], names if row["first_is_black"] else names[::-1], row["result"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UserError(f"{file} is damaged ({error})") from error


def _of_actions(game: Game, actions: list[Any], names: tuple[str, ...], result: float | None) -> Record:
    state = game.new(1)
    boards, last = [_stones(game, state)], [-1]
    for action in actions:
        game.play(state, np.array([int(action)]))
        boards.append(_stones(game, state))
        new = np.flatnonzero(boards[-1] != boards[-2])
        last.append(int(new[0]) if len(new) else -1)
    said = {1: "first wins", -1: "second wins", 0: "draw"}.get(0 if result is None else int(result), "")
    return Record(printable(f"{names[0]} – {names[1]}  {said}", 80), boards, last, False)


def _stones(game: Game, state: np.ndarray) -> np.ndarray:
    """[H, W] int8, from the planes of the player to move: own stones, then the opponent's."""
    if game.planes[:2] != ("own stones", "opponent stones"):
        raise UserError(f"games of {game.name} cannot be drawn")
    own, other = game.encode(state)[0, :2]
    stones: np.ndarray = (own - other).astype(np.int8)
    return stones if game.to_move(state)[0] == BLACK else -stones
