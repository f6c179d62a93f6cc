"""The game at the table: rules, komi, handicap, and all positions so far, so that any move can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from envs.boards.game import WHITE
from envs.go.game import Go
from envs.go.records import start_of
from envs.go.rules import name_of
from envs.go.sgf import GoRecord, Move, write_sgf
from envs.go.sitting import give_turn, resume
from selfplay.gtp.protocol import Refused
from selfplay.gtp.rules import Agreement, named

_LONGEST = 1000  # moves, or three times the board's points if that is more


class Table:
    """One game of Go. A method that raises (Refused, or UserError for illegal moves) changes nothing."""

    def __init__(self, size: int, agreement: Agreement) -> None:
        self.agreement = agreement
        self.game = _game(size, agreement)
        self.clear()

    def clear(self) -> None:
        """Clear the board; rules and komi stay."""
        self._begin(self.game.new(1), (), ())

    @property
    def size(self) -> int:
        return self.game.size

    @property
    def state(self) -> np.ndarray:
        """[1] the position; do not modify it."""
        return self.positions[-1]

    @property
    def to_move(self) -> int:
        return int(self.game.to_move(self.state)[0])

    @property
    def komi(self) -> float:
        return self.agreement.rules.komi

    @property
    def over(self) -> bool:
        """Whether two passes have ended the game."""
        return bool(self.game.ended(self.state)[0])

    @property
    def just_passed(self) -> bool:
        return bool(self.moves) and self.moves[-1].action == self.game.can.passing

    def turn(self, colour: int, back: int = 0) -> np.ndarray:
        """[1] a copy of the position `back` moves ago, with `colour` to move and the game not ended."""
        state = self.positions[-1 - back].copy()
        resume(state)
        if self.game.to_move(state)[0] != colour:
            give_turn(state, colour)
        return state

    def play(self, colour: int, action: int) -> None:
        """Play a move. IllegalMove if the rules forbid it."""
        state = self.turn(colour)
        self.game.play(state, np.array([action]))
        self.positions.append(state)
        self.moves.append(Move(colour, action))

    def undo(self, moves: int = 1) -> None:
        if moves > len(self.moves):
            raise Refused("cannot undo")
        del self.moves[len(self.moves) - moves :]
        del self.positions[len(self.positions) - moves :]

    def set_up(self, black: Sequence[int], white: Sequence[int], to_move: int, handicap: int) -> None:
        """Set up stones on the empty board; `handicap` of Black's count as handicap."""
        if self.moves or self.black_setup or self.white_setup:
            raise Refused("board not empty")
        state = self.game.with_setup(list(black), list(white), to_move, handicap)
        self._begin(state, black, white, handicap)

    def handicap(self, stones: Sequence[int]) -> None:
        self.set_up(stones, (), WHITE, len(stones))

    def agree(self, agreement: Agreement) -> None:
        """Change rules or komi, from the first move on."""
        other = Table(self.size, agreement)
        if self.black_setup or self.white_setup:
            first = int(self.game.to_move(self.positions[0])[0])
            other.set_up(self.black_setup, self.white_setup, first, self.stones_given)
        for colour, action in self.moves:
            other.play(colour, action)
        self.__dict__ = other.__dict__

    def set_komi(self, komi: float) -> None:
        """Set the komi, in whole or half points."""
        if 2 * komi != round(2 * komi):
            raise Refused(f"komi {komi:g}: whole and half points are counted")
        self.agree(self.agreement._replace(rules=replace(self.agreement.rules, komi=komi)))

    def load(self, record: GoRecord, moves: int | None) -> None:
        """Load the first `moves` of a record (None: all), under its rules and komi; those of the table where it names
        none that are known."""
        agreement = self.agreement
        with suppress(Refused):
            agreement = named(record.rules, agreement)
        if (komi := record.playable_komi) is not None:
            agreement = agreement._replace(rules=replace(agreement.rules, komi=komi))
        other = Table(record.size, agreement)
        start = start_of(record, other.game)
        other._begin(start, record.black_setup, record.white_setup, record.handicap)
        for colour, action in record.moves[:moves]:
            other.play(colour, action)
        self.__dict__ = other.__dict__

    def record(self, black: str, white: str) -> bytes:
        """The game as an SGF file."""
        return write_sgf(
            GoRecord(
                size=self.size,
                moves=tuple(self.moves),
                komi=self.komi,
                rules=name_of(self.agreement.rules),
                handicap=self.stones_given,
                black_setup=tuple(self.black_setup),
                white_setup=tuple(self.white_setup),
                black=black,
                white=white,
            )
        )

    def _begin(self, state: np.ndarray, black: Sequence[int], white: Sequence[int], handicap: int = 0) -> None:
        self.black_setup, self.white_setup, self.stones_given = tuple(black), tuple(white), handicap
        self.positions: list[np.ndarray] = [state]  # before the first move, and after each
        self.moves: list[Move] = []


def _game(size: int, agreement: Agreement) -> Go:
    return Go(size, agreement.rules, max_moves=max(_LONGEST, 3 * size * size + 64))


def free_handicap(game: Go, stones: int) -> list[int]:
    """Points for `stones` handicap stones: the traditional ones, then those farthest from all others."""
    most = min(stones, (9 if game.size % 2 and game.size >= 9 else 4) if game.size >= 7 else 0)
    chosen = game.can.fixed_handicap(most) if most >= 2 and game.can.fixed_handicap else []
    rows, columns = np.divmod(np.arange(game.size**2), game.size)
    edge = 1 + np.minimum.reduce([rows, columns, game.size - 1 - rows, game.size - 1 - columns])
    while len(chosen) < stones:
        near = np.min([abs(rows - a // game.size) + abs(columns - a % game.size) for a in chosen] or [edge], axis=0)
        near = np.minimum(near, 2 * edge)
        near[chosen] = -1
        chosen.append(int(near.argmax()))
    return chosen
