"""The end of a game, for any game: settled early, or counted."""

from __future__ import annotations

import numpy as np

from envs.boards.game import Game


def settled(game: Game, states: np.ndarray) -> np.ndarray:
    """[B] int8 the colour that wins however the other side plays on, 0 where that is open."""
    if game.can.settled is None:
        return np.zeros(len(states), np.int8)
    return game.can.settled(states)


def why_ended(game: Game, result: float) -> str:
    """How a game ended that was neither resigned nor settled early; `result` from Black's point of view."""
    if np.isnan(result):
        return "move limit"
    return "points" if game.can.count else "the end"
