"""The interface of a player in a match.

A player plays on several numbered boards at once. It is told of every move (`played`), including its own, and is
asked for moves on the boards where it is to move. Optional abilities are further protocols: `Outsider`, `Timed`,
`Commenting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from envs.boards.game import Game
from selfplay.clock import Clock

RESIGNS = -1  # in place of an action


class Player(Protocol):
    """At `boards` [R] (numbers) with `states` [R]."""

    name: str

    def start(self, boards: np.ndarray, states: np.ndarray) -> None:
        """New games at these boards, from `states`."""
        ...

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        """[R] an action each; RESIGNS gives the game up."""
        ...

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None: ...

    def close(self) -> None:
        """The end. It may be called from another thread: a `choose` that is going on ends soon."""
        ...


class Failure(NamedTuple):
    """Why a player cannot continue a game."""

    kind: str  # hang, crash, rubbish, illegal move: the game is lost; refusal: the rules differ, and nobody wins
    text: str


@runtime_checkable
class Outsider(Player, Protocol):
    """A player that keeps its own board, as a program does: it may fail, or disagree about the rules."""

    failed: dict[int, Failure]  # board -> why it cannot go on there
    spent: dict[int, float]  # board -> seconds that its newest move there took

    def place(self, board: int, stones: Sequence[int]) -> None:
        """Black's handicap stones on the empty board that `start` was told of; White moves next."""
        ...

    def dead(self, board: int) -> list[int]:
        """Actions of the stones that it considers dead at the end of a game; empty if it does not say."""
        ...


@runtime_checkable
class Timed(Player, Protocol):
    """A player that can keep to a clock."""

    def on_clock(self, board: int, clock: Clock) -> None:
        """Its clock at `board`, where it will be asked for a move next."""
        ...


@runtime_checkable
class Commenting(Player, Protocol):
    """A player that comments on its moves."""

    said: dict[int, str]  # board -> about the move that it has just chosen there


class Seat(NamedTuple):
    """The settings for a player made from its name."""

    game: Game
    boards: int  # at once, at most
    simulations: int  # a move, for networks whose name says nothing else
    seed: int
    runs: Path  # where runs lie
    seconds: float | None = None  # a move, in place of simulations
    clocked: bool = False  # the match has clocks: whoever can, thinks by them
    threads: int = 0  # to compute with; 0: a thread a core
    timeout: float = 60.0  # seconds after which a program that does not answer has hung
