"""The exact value of any small game, by exhaustive search. Solves tic-tac-toe in a second.

Connect 4 is too large for this and has its own solver (envs/boards/connect4_solver.py); envs/go/prove.py proves what
can be forced on tiny Go boards.
"""

from __future__ import annotations

import numpy as np

from envs.boards.game import Game, mover_result


def solve(game: Game, state: np.ndarray, known: dict[int, float] | None = None) -> float:
    """The value of `state` [1] for the player to move: 1, 0 or -1. Only for games in which no position can repeat.

    `known` caches the value of every visited position by its key, across calls.
    """
    known = {} if known is None else known
    key = int(game.keys(state)[0])
    if key in known:
        return known[key]
    if game.ended(state)[0]:
        value = float(mover_result(game, state)[0])
    else:
        actions = np.flatnonzero(game.legal(state)[0])
        children = np.repeat(state, len(actions))
        game.play(children, actions)
        value = max(-solve(game, child, known) for child in np.split(children, len(actions)))
    known[key] = value
    return value
