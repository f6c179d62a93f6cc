"""Operations outside alternating play: one side moving twice in a row, resuming after two passes, setting up stones in
mid-game, and estimating who will own each point. Game servers, clients and records need all of them.
"""

from __future__ import annotations

import numpy as np

from envs.boards.game import BLACK
from envs.go import board
from envs.go import playout as kernel_of_playouts
from envs.go.states import words


def give_turn(states: np.ndarray, colour: int) -> None:
    """In place: `colour` (BLACK or WHITE) is to move in all `states`. A change of turn lifts a simple ko's ban."""
    meta, mover = states["meta"], board.BLACK if colour == BLACK else board.WHITE
    changes = meta[:, board.TO_MOVE] != mover
    meta[changes, board.TO_MOVE] = mover
    meta[changes, board.KO] = 0


def resume(states: np.ndarray) -> None:
    """In place: resume games that ended by two passes, as after a disagreement about dead stones."""
    meta = states["meta"]
    passed = meta[:, board.END] == board.PASSED
    meta[passed, board.END] = board.PLAYING
    meta[passed, board.PASSES] = 0


def continued(before: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """[1] the position `fresh` [1], just set up, as the one that replaces `before` [1] in its game.

    Komi, handicap, prisoners, the number of moves and the earlier positions (superko) are those of `before`.
    """
    made, meta, old = fresh.copy(), fresh["meta"][0].copy(), before["meta"][0]
    for kept in (
        board.MOVES,
        board.KOMI2,
        board.HANDICAP,
        board.BONUS,
        board.CAPTURED_BLACK,
        board.CAPTURED_WHITE,
        board.POSITIONS,
    ):
        meta[kept] = old[kept]
    if old[board.END] == board.CUT:
        meta[board.END] = board.CUT  # the list of positions is full
    made["meta"][0] = meta
    made["seen"] |= before["seen"]
    made["filter"] |= before["filter"]
    made["history"] = before["history"]
    made["history"][0, old[board.POSITIONS] - 1] = fresh["history"][0, 0]
    return made


def playout_owners(state: np.ndarray, random: np.random.Generator, count: int) -> np.ndarray:
    """[size, size] float32: mean owner of each point at the end of `count` random games from `state` [1].

    1 is Black, -1 White.
    """
    start = state.copy()
    start["meta"][:, board.PASSES] = 0
    size = int(start["meta"][0, board.SIZE])
    points, owners = np.empty(count, np.float32), np.empty(board.points(size), np.float32)
    kernel_of_playouts.playouts(*words(start), 0, int(random.integers(2**62)), count, points, owners)
    rows = [owners[(row + 1) * (size + 1) + 1 : (row + 1) * (size + 1) + 1 + size] for row in range(size)]
    return np.stack(rows)
