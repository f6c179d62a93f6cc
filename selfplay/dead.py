"""Check what players say about dead stones: an impossible claim is not accepted.

    a chain that is unconditionally alive (Benson 1976) is not dead, whoever says so
    the winner by a claim must also win by our own estimate, at least if every doubtful chain counts in his favour
    two different claims must agree on the winner

Our own estimate is random games from the position (selfplay/gtp/scoring.py). If none of this helps, the game is
unsettled and has no winner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from envs.boards.game import BLACK, WHITE
from envs.go.game import Go
from envs.go.sitting import playout_owners
from selfplay.gtp.scoring import chains, dead_stones, score

_PLAYOUTS = 400


def counted(game: Go, state: np.ndarray, said: Sequence[tuple[str, Sequence[int]]]) -> tuple[float, str]:
    """(Black's points less White's and komi, what was wrong) of the end `state` [1]; NaN where it is unsettled.

    `said`: (who, actions of the stones that he calls dead); one who calls none dead has said nothing.
    """
    said = [(who, stones) for who, stones in said if len(stones)]
    if not said:
        return score(game, state), ""
    alive, colours = game.alive(state)[0], game.stones(state)[0]
    estimates = _estimates(game, state)
    points, notes = [], []
    for who, stones in said:
        dead = np.zeros(game.board_shape, bool)
        dead.ravel()[[a for a in stones if 0 <= a < dead.size]] = True
        for chain in chains(game, state):  # a chain lives or dies as a whole
            dead[chain] = dead[chain].any()
        if (dead & (alive == colours) & (colours != 0)).any():
            notes.append(f"{who} calls stones dead that are unconditionally alive")
            continue
        found = score(game, state, dead)
        if np.sign(found) not in {np.sign(one) for one in estimates}:
            notes.append(f"{who} calls stones dead that our own estimate says live, and the winner depends on them")
            continue
        points.append(found)
    winners = {np.sign(one) for one in points or estimates}
    if len(winners) == 1 and (points or len(notes) == len(said)):
        return (points or estimates)[0], "; ".join(notes)
    return math.nan, "; ".join(notes or ["the players disagree about which stones are dead"])


def _estimates(game: Go, state: np.ndarray) -> list[float]:
    """The score by our own estimate, and with every doubt going against Black, and against White."""
    owners = playout_owners(state, np.random.default_rng(int(game.keys(state)[0]) & (2**63 - 1)), _PLAYOUTS)
    return [score(game, state, dead_stones(game, state, owners, cautious)) for cautious in (0, BLACK, WHITE)]
