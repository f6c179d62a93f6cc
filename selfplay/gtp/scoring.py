"""Estimates dead stones and the score, for `final_score`, `final_status_list` and cleaning up.

Unconditionally alive chains (Benson) are alive, and chains inside the opponent's unconditionally alive area are dead.
All others are decided by who will own their points (selfplay/gtp/owners.py).
"""

from __future__ import annotations

import numpy as np

from envs.boards.game import BLACK, WHITE
from envs.go.game import Go

_DEAD = -0.1  # a chain counts as dead if its points' mean ownership, for its colour, is below this
_SURE = 0.3  # threshold of a cautious side: own chains live above it, the opponent's are dead below its negative


def dead_stones(game: Go, state: np.ndarray, owners: np.ndarray, cautious: int = 0) -> np.ndarray:
    """[H, W] bool for `state` [1]; `owners` [H, W]: expected owner of each point, 1 Black to -1 White.

    With `cautious`, a colour, the result is the worst case for that side: its own chains live, and the opponent's are
    dead, only if that is certain enough.
    """
    stones, alive = game.stones(state)[0], game.alive(state)[0]
    dead = np.zeros(game.board_shape, bool)
    for chain in chains(game, state):
        colour, sure = int(stones[chain][0]), int(alive[chain][0])
        least = (_SURE if colour == cautious else -_SURE) if cautious else _DEAD
        dead[chain] = sure == -colour or (sure == 0 and float(owners[chain].mean()) * colour < least)
    return dead


def chains(game: Go, state: np.ndarray) -> list[np.ndarray]:
    """The chains of `state` [1], each [H, W] bool."""
    heads = game.chains(state)[0]
    return [heads == head for head in np.unique(heads[heads > 0])]


def score(game: Go, state: np.ndarray, dead: np.ndarray | None = None) -> float:
    """Black's points minus White's and komi, without the `dead` [H, W] stones."""
    return float(game.score(state, None if dead is None else dead.reshape(1, -1))[0])


def result_text(points: float) -> str:
    """The result as in GTP's final_score and SGF's RE: B+3.5, W+0.5, 0."""
    return "0" if points == 0 else f"{'B' if points > 0 else 'W'}+{abs(points):g}"


def neutral_points(game: Go, state: np.ndarray, dead: np.ndarray) -> np.ndarray:
    """[H, W] bool: empty points that living stones of both sides reach."""
    owner = game.count(state, dead.reshape(1, -1)).owner[0]
    neutral: np.ndarray = (owner == 0) & (game.stones(state)[0] == 0)
    return neutral


def around(points: np.ndarray) -> np.ndarray:
    """[H, W] bool: `points` [H, W] and their neighbours."""
    out = points.copy()
    out[1:] |= points[:-1]
    out[:-1] |= points[1:]
    out[:, 1:] |= points[:, :-1]
    out[:, :-1] |= points[:, 1:]
    return out


def status(game: Go, state: np.ndarray, dead: np.ndarray, wanted: str) -> list[list[int]]:
    """Actions with status `wanted`, by chain for alive, seki and dead, by region for dame and the territories.

    A living chain whose liberties are all shared with the opponent is in seki.
    """
    empty = game.stones(state)[0] == 0
    if wanted in ("dame", "black_territory", "white_territory"):
        owner = game.count(state, dead.reshape(1, -1)).owner[0]
        colour = {"dame": 0, "black_territory": BLACK, "white_territory": WHITE}[wanted]
        return [_actions((owner == colour) & (empty | dead))]
    neutral, alive = neutral_points(game, state, dead), game.alive(state)[0]
    found = []
    for chain in chains(game, state):
        liberties = around(chain) & empty
        seki = not alive[chain].any() and liberties.any() and bool(neutral[liberties].all())
        said = "dead" if dead[chain].any() else "seki" if seki else "alive"
        if said == wanted:
            found.append(_actions(chain))
    return found


def _actions(points: np.ndarray) -> list[int]:
    return [int(a) for a in np.flatnonzero(points.ravel())]
