"""A player that moves at random."""

from __future__ import annotations

import numpy as np

from envs.boards.game import Game
from selfplay.players.player import Seat
from tengen.errors import UserError


def from_name(name: str, rest: str, seat: Seat) -> Random:
    if rest:
        raise UserError(f"{name}: the random player is just random, without anything after it")
    return Random(seat.game, seat.seed)


class Random:
    """Uniform over the legal moves; passes only if no other move is left, or one time in fifty."""

    def __init__(self, game: Game, seed: int) -> None:
        self.name, self.game, self.random = "random", game, np.random.default_rng(seed)

    def start(self, boards: np.ndarray, states: np.ndarray) -> None: ...

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        legal = self.game.legal(states)
        if (passing := self.game.can.passing) is not None:
            passes = self.random.random(len(states)) < 0.02
            legal[:, passing] &= passes | (legal.sum(1) == 1)
        return np.argmax(self.random.random(legal.shape) * legal, axis=1)

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None: ...

    def close(self) -> None: ...
