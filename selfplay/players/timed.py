"""A player that searches by the clock: one board after the other, each with its own time."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from envs.boards.game import Game
from selfplay.clock import Clock
from selfplay.players.remarks import remark
from selfplay.thinking import Limit, Thinker


class ByTheClock:
    """Thinks `seconds` per move, or as long as its clock allows if the match has clocks."""

    def __init__(self, name: str, game: Game, make: Callable[[], Thinker], seconds: float | None) -> None:
        """`make`: a search for one board. `seconds` None: by the clock, and a second where there is none."""
        self.name, self.game, self.make, self.seconds = name, game, make, seconds
        self.thinkers: dict[int, Thinker] = {}
        self.clocks: dict[int, Clock] = {}
        self.said: dict[int, str] = {}
        self._stop = threading.Event()
        self._spare = make()  # so that a name that stands for nothing is said at once

    def start(self, boards: np.ndarray, states: np.ndarray) -> None:
        for i, number in enumerate(boards):
            board = int(number)
            if board not in self.thinkers:
                self.thinkers[board] = self.make() if self.thinkers else self._spare
            self.clocks.pop(board, None)
            self.thinkers[board].at(states[i : i + 1])

    def on_clock(self, board: int, clock: Clock) -> None:
        self.clocks[board] = clock

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        return np.array([self._choose(int(board)) for board in boards])

    def _choose(self, board: int) -> int:
        clock = self.clocks.get(board)
        seconds = self.seconds or (clock.thinking if clock else 1.0)
        if clock is not None:
            seconds = min(seconds, 0.9 * clock.remaining)
        found = self.thinkers[board].think(Limit(seconds=seconds, early=True), self._stop)
        best = next((move for move in found.moves if move.action == found.best), None)
        line = best.line if best else (found.best,)
        self.said[board] = remark(self.game, found.to_play, found.value, found.visits, line)
        return found.best

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None:
        for board, action in zip(boards, actions, strict=True):
            self.thinkers[int(board)].played(int(action))

    def close(self) -> None:
        self._stop.set()
        for thinker in {*self.thinkers.values(), self._spare}:
            thinker.close()
