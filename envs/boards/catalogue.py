"""The board games by name. To add one, add a line to `GAMES`; modules are imported only when a game is made."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from envs.boards.game import Game
from tengen.errors import UserError, unknown
from tengen.lookup import find

USUAL_RULES = "tromp-taylor"  # of Go


class Entry(NamedTuple):
    make: Callable[[int], Game] | str  # takes the number of threads; or module:function
    known_value: str = ""  # winner under perfect play


GAMES = {
    "tictactoe": Entry("envs.boards.lines:tictactoe", "draw"),
    "connect4": Entry("envs.boards.lines:connect4", "the first player wins"),
}
GO_BOARDS = ("go5", "go7", "go9", "go13", "go19")  # listed; every size from 2 to 25 can be played


def board_games() -> tuple[str, ...]:
    """All names offered."""
    return (*GAMES, *GO_BOARDS)


def is_board_game(task: str) -> bool:
    return task in GAMES or go_size(task) is not None


def go_size(task: str) -> int | None:
    """The board size of `go9`, `go19` …; None for any other task."""
    found = re.fullmatch(r"go(\d{1,2})", task.lower())
    return int(found[1]) if found else None


def check_size(task: str) -> None:
    """UserError for a Go board of unsupported size."""
    size = go_size(task)
    if size is not None and not 2 <= size <= 25:
        raise UserError(f"a {size}x{size} board is not supported: use sizes from 2 to 25")


def check_rules(task: str, rules: str, komi: float | None) -> None:
    """UserError for rules or komi of Go that were asked for in another game."""
    if go_size(task) is None and (komi is not None or rules != USUAL_RULES):
        raise UserError(f"--rules and --komi are for Go; {task} has neither")


def make_game(
    task: str, rules: str = USUAL_RULES, komi: float | None = None, features: str = "compact", threads: int = 1
) -> Game:
    """The game named `task`. `rules`, `komi` (None: the rule set's) and `features` apply to Go only."""
    if size := go_size(task):
        from envs.go.game import Go

        return Go(size, rules, komi, features=features, threads=threads)
    if task not in GAMES:
        raise unknown("board game", task, board_games(), "(see tengen games)")
    make = GAMES[task].make
    if isinstance(make, str):
        make = find(make)
    return make(threads)


def describe_games() -> list[tuple[str, ...]]:
    """A table for display, header first."""
    rows = [("game", "board", "moves", "planes", "known value")]
    for name, entry in GAMES.items():
        game = make_game(name)
        height, width = game.board_shape
        rows.append((name, f"{width}x{height}", str(game.num_actions), str(len(game.planes)), entry.known_value))
    planes = "compact 18, zero 17, alphago 48"
    rows.append(("go2 … go25", "any square", "points + pass", planes, "2x2 +1, 3x3 +9, 4x4 +2"))
    return list(rows)


def fair_komi(task: str) -> float | None:
    """Points by which Black wins under perfect play, if known; otherwise None."""
    from envs.go.rules import BEST_PLAY

    return BEST_PLAY.get(go_size(task) or 0)
