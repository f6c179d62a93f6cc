"""Replays Go records move by move, under lenient rules that every genuine record obeys."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from envs.boards.game import BLACK
from envs.go import board
from envs.go.game import Go
from envs.go.rules import Rules
from envs.go.sgf import GoRecord

# No superko (few servers enforce it), suicide allowed (New Zealand rules).
LENIENT = Rules(ko="simple", suicide=True)


def start_of(record: GoRecord, game: Go) -> np.ndarray:
    """[1] the state before the first move, with the record's set-up stones and komi."""
    if game.size != record.size:
        raise ValueError(f"a {record.size}x{record.size} record on a {game.size}x{game.size} board")
    black, white = list(record.black_setup), list(record.white_setup)
    state = game.with_setup(black, white, record.first_to_move, record.handicap)
    if record.komi is not None and abs(record.komi) <= 1000:
        state["meta"][:, board.KOMI2] = round(2 * record.komi)
    return state


def replay(record: GoRecord, game: Go | None = None) -> Iterator[np.ndarray]:
    """Yield the state [1] before each move and after the last: the same array, updated in place.

    A move out of turn is played for the colour given in the record. A move after two passes resumes the
    game, as after a disagreement about dead stones. IllegalMove names the move and the reason.
    """
    game = game or Go(record.size, LENIENT, max_moves=max(64, len(record.moves) + 1))
    state = start_of(record, game)
    meta = state["meta"][0]
    for move in record.moves:
        meta[board.TO_MOVE] = board.BLACK if move.colour == BLACK else board.WHITE
        if meta[board.END] == board.PASSED:
            meta[board.END], meta[board.PASSES] = board.PLAYING, 0
        yield state
        game.play(state, np.array([move.action]))
    yield state
