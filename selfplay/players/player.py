"""The interface between a match and a player.

A player plays on several numbered boards at once. It is told of every move (`played`), including its own, and is asked
for moves on the boards where it is to move. It declares further abilities by having their members: `Outsider`, `Timed`,
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
    """Methods take `boards` [R] (numbers) with their `states` [R]."""

    name: str

    def start(self, boards: np.ndarray, states: np.ndarray) -> None:
        """Start new games at these boards, from `states`."""
        ...

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        """[R] one action per board; RESIGNS resigns the game."""
        ...

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None: ...

    def close(self) -> None:
        """Release all resources. May be called from another thread: a running `choose` then ends soon."""
        ...


class Failure(NamedTuple):
    """Why a player cannot continue a game."""

    kind: str  # hang, crash, rubbish, illegal move: a loss; refusal: the rules differ, no result
    text: str


@runtime_checkable
class Outsider(Player, Protocol):
    """A player that keeps its own board, as a program does: it may fail, or disagree about the rules."""

    failed: dict[int, Failure]  # board -> why it cannot continue there
    spent: dict[int, float]  # board -> seconds its latest move there took

    def place(self, board: int, stones: Sequence[int]) -> None:
        """Place Black's handicap stones on the empty board passed to `start`; White moves next."""
        ...

    def dead(self, board: int) -> list[int]:
        """Actions of the stones it considers dead at the end of a game; empty if it makes no claim."""
        ...


@runtime_checkable
class Timed(Player, Protocol):
    """A player that can play on a clock."""

    def on_clock(self, board: int, clock: Clock) -> None:
        """Set its clock at `board`, before it is asked for a move there."""
        ...


@runtime_checkable
class Commenting(Player, Protocol):
    """A player that comments on its moves."""

    said: dict[int, str]  # board -> comment on the move it has just chosen there


class Seat(NamedTuple):
    """The match conditions for a player that is made from its name."""

    game: Game
    boards: int  # played at once, at most
    simulations: int  # per move, for networks whose name sets no limit
    seed: int
    runs: Path  # folder of runs
    seconds: float | None = None  # per move, in place of simulations
    clocked: bool = False  # the match has clocks: players that can, manage their time
    threads: int = 0  # to compute with; 0: one per core
    timeout: float = 60.0  # seconds after which a silent program counts as hung
