"""How games end: settled early, or counted."""

from __future__ import annotations

import numpy as np

from envs.boards.game import Game


def settled(game: Game, states: np.ndarray) -> np.ndarray:
    """[B] int8: the colour whose win is certain whatever the other side plays, 0 if undecided."""
    if game.can.settled is None:
        return np.zeros(len(states), np.int8)
    return game.can.settled(states)


def why_ended(game: Game, result: float) -> str:
    """Why a game ended that was neither resigned nor settled early; `result` from Black's view."""
    if np.isnan(result):
        return "move limit"
    return "points" if game.can.count else "the end"
