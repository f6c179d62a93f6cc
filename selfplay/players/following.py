"""A program's own board kept in step with a game whose moves are taken back, or that is loaded from a record.

A match only goes forward. At the browser's board and behind a GTP engine, the program is told the new moves where the
game goes on from what it knows, and the whole game otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from envs.boards.game import BLACK, WHITE
from selfplay.players.gtp import Gtp
from selfplay.players.player import RESIGNS
from tengen.errors import UserError

_HERE = np.array([0])  # the program's only board


class Line(NamedTuple):
    """A game so far."""

    moves: Sequence[tuple[int, int]]  # (colour, action)
    to_move: int
    black: Sequence[int] = ()  # stones set up before the first move
    white: Sequence[int] = ()
    komi: float | None = None  # None: the rules' own


class Following:
    """A program that chooses moves in any game it can be told: from the empty board or a handicap, moves in turn."""

    def __init__(self, program: Gtp) -> None:
        self.program = program
        self._told: Line | None = None  # what stands on the program's board
        self._own = False  # whether the last move there is its own, not confirmed yet

    def choose(self, line: Line, state: np.ndarray) -> int:
        """An action in `state` [1], where `line` leads; or RESIGNS. UserError if the program fails or cannot follow."""
        program, moves = self.program, list(line.moves)
        _check(program, line)
        told = self._told
        if told is None or told[2:] != line[2:] or moves[: len(told.moves)] != told.moves:
            self._start(line)
            known = 0
        else:
            known = len(told.moves) - self._own
        for _, action in moves[known:]:
            program.played(_HERE, np.array([action]))
        action = int(program.choose(_HERE, state)[0])
        if failure := program.failed.get(0):
            self._told = None
            raise UserError(failure.text)
        self._own = action != RESIGNS
        # its move stands on its board even if nobody wants it any more
        self._told = line._replace(moves=[*moves, (line.to_move, action)] if self._own else moves)
        return action

    def _start(self, line: Line) -> None:
        self.program.start(_HERE, self.program.game.new(1))
        if line.komi is not None:
            self.program.give_komi(0, line.komi)
        if line.black:
            self.program.place(0, line.black)


def _check(program: Gtp, line: Line) -> None:
    first = WHITE if line.black else BLACK
    colours = [*(colour for colour, _ in line.moves), line.to_move]
    in_turn = all(colour == first * (-1) ** i for i, colour in enumerate(colours))
    if line.white or len(line.black) == 1 or not in_turn:
        raise UserError(
            f"{program.name} follows games from the empty board or handicap stones, with moves in turn only"
        )
