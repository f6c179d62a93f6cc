"""Dead stones and the score: estimates for `final_score`, `final_status_list` and cleaning up.

A chain that is unconditionally alive (Benson) lives, and one inside the other side's unconditionally alive area is
dead. For all others the predicted owner of their points decides (selfplay/gtp/owners.py).
"""

from __future__ import annotations

import numpy as np

from envs.boards.game import BLACK, WHITE
from envs.go.game import Go

_DEAD = -0.1  # mean ownership of a chain's points, as its colour sees it, below which it counts as dead
_SURE = (
    0.3  # what a cautious side asks for: more than that for its own chains, less than minus that for others to be dead
)


def dead_stones(game: Go, state: np.ndarray, owners: np.ndarray, cautious: int = 0) -> np.ndarray:
    """[H, W] bool of `state` [1]; `owners` [H, W] who will own each point, 1 Black to -1 White.

    With `cautious`, a colour, it is the worst that this side has to reckon with: of its own chains only those live that
    are sure to, and of the other side's only those are dead that are sure to be.
    """
    stones, alive = game.stones(state)[0], game.alive(state)[0]
    dead = np.zeros(game.board_shape, bool)
    for chain in chains(game, state):
        colour, sure = int(stones[chain][0]), int(alive[chain][0])
        least = (_SURE if colour == cautious else -_SURE) if cautious else _DEAD
        dead[chain] = sure == -colour or (sure == 0 and float(owners[chain].mean()) * colour < least)
    return dead


def chains(game: Go, state: np.ndarray) -> list[np.ndarray]:
    """[H, W] bool each: the chains of `state` [1]."""
    heads = game.chains(state)[0]
    return [heads == head for head in np.unique(heads[heads > 0])]


def score(game: Go, state: np.ndarray, dead: np.ndarray | None = None) -> float:
    """Black's points less White's and komi, without the `dead` [H, W] stones."""
    return float(game.score(state, None if dead is None else dead.reshape(1, -1))[0])


def result_text(points: float) -> str:
    """As GTP's final_score and SGF's RE say it: B+3.5, W+0.5, 0."""
    return "0" if points == 0 else f"{'B' if points > 0 else 'W'}+{abs(points):g}"


def neutral_points(game: Go, state: np.ndarray, dead: np.ndarray) -> np.ndarray:
    """[H, W] bool: empty points that both sides' living stones reach."""
    owner = game.count(state, dead.reshape(1, -1)).owner[0]
    neutral: np.ndarray = (owner == 0) & (game.stones(state)[0] == 0)
    return neutral


def around(points: np.ndarray) -> np.ndarray:
    """[H, W] bool: the neighbours of `points` [H, W], and themselves."""
    out = points.copy()
    out[1:] |= points[:-1]
    out[:-1] |= points[1:]
    out[:, 1:] |= points[:, :-1]
    out[:, :-1] |= points[:, 1:]
    return out


def status(game: Go, state: np.ndarray, dead: np.ndarray, wanted: str) -> list[list[int]]:
    """Actions by chain whose status is `wanted`: alive, seki or dead; by region for dame and the territories.

    A living chain whose only liberties are shared with the other side is in seki.
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
