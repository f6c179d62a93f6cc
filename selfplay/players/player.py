"""What a match asks of a player.

A player plays on several numbered boards at once. It is told of every move (`played`), including its own, and is
asked for moves on the boards where it is to move.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from envs.boards.game import Game

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

    def close(self) -> None: ...


@runtime_checkable
class Outsider(Player, Protocol):
    """A player that keeps a board of its own, as a program does: it may fail, or disagree about the rules."""

    failed: dict[int, str]  # board -> why it cannot go on there
    refused: set[int]  # boards where it did not accept a move that our rules allow

    def dead(self, board: int) -> list[int]:
        """Actions of the stones that it considers dead at the end of a game; empty if it does not say."""
        ...


class Seat(NamedTuple):
    """Where a player that is made from its name will play."""

    game: Game
    boards: int  # at once, at most
    simulations: int  # a move, for networks whose name says nothing else
    seed: int
    runs: Path  # where runs lie
