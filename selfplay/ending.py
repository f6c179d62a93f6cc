"""How games end: settled before the last move, and kept as records that people can read."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from envs.boards.game import BLACK, Game
from envs.go.records import GoRecord, Move
from envs.go.rules import Go


def settled(game: Game, states: np.ndarray) -> np.ndarray:
    """[B] int8 the colour that has won whatever both do (unconditional life, Benson 1976), 0 where open.

    Looked at from the middle of a game on: before, nothing can be settled and looking costs time.
    """
    winner = np.zeros(len(states), np.int8)
    if isinstance(game, Go):
        late = ~game.ended(states) & (game.moves(states) > game.size**2 // 2)
        if late.any():
            winner[late] = game.decided(states[late])
    return winner


def go_record(
    size: int,
    actions: Iterable[int],
    komi: float,
    result: float,
    score: float,
    why: str,
    names: tuple[str, str],
    number: int,
) -> GoRecord:
    """Game `number` as a record, good for SGF; `names` of Black and White, NaN for what is not known."""
    return GoRecord(
        size=size,
        moves=tuple(Move(BLACK if i % 2 == 0 else -BLACK, int(a)) for i, a in enumerate(actions)),
        komi=komi,
        winner=None if np.isnan(result) else int(result),
        margin=None if np.isnan(score) else abs(score),
        by="resignation" if why == "resignation" else "forfeit" if np.isnan(score) else "points",
        black=names[0],
        white=names[1],
        source=f"game {number}",
    )
