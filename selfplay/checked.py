"""Games that come from a file, checked before a compiled kernel sees them: kernels trust their callers.

A game is replayed move by move under the rules; a saved position must be the one that its moves lead to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from envs.boards.game import Game, IllegalMove
from selfplay.record import GameRecord
from selfplay.trajectory import Trajectory

_LARGEST_KOMI = 1000.0


def replayed(game: Game, moves: Sequence[np.ndarray], komi: np.ndarray) -> np.ndarray:
    """[B] the states after the `moves` of B games with `komi` [B].

    ValueError if it is not a game of `game`.
    """
    states = game.new(len(moves))
    if not (np.isfinite(komi).all() and (np.abs(komi) <= _LARGEST_KOMI).all()):
        raise ValueError("a komi that is none")
    if game.can.komi:
        game.can.komi.give(states, komi)
    lengths = np.array([len(m) for m in moves], np.int64)
    if lengths.max(initial=0) > game.max_moves:
        raise ValueError(f"a game of {game.name} has at most {game.max_moves} moves")
    for ply in range(int(lengths.max(initial=0))):
        rows = np.flatnonzero(lengths > ply)
        moving = states[rows]
        try:
            game.play(moving, np.array([moves[int(i)][ply] for i in rows], np.int64))
        except IllegalMove as error:
            raise ValueError(str(error)) from error
        states[rows] = moving
    return states


def check_records(games: Sequence[Game], records: Sequence[GameRecord]) -> None:
    """ValueError where one of `records` cannot have been played on the boards of `games`."""
    for game in games:
        points = int(np.prod(game.board_shape))
        own = [r for r in records if len(r.ownership) == points]
        replayed(game, [r.moves for r in own], np.array([r.komi for r in own], np.float64))
        for record in own:
            if record.policy.shape[1] != game.num_actions:
                raise ValueError(f"policies of {record.policy.shape[1]} actions on a board of {game.num_actions}")
            if not (np.isfinite(record.policy).all() and (record.policy >= 0).all()):
                raise ValueError("a policy that is none")
            if not (np.isnan(record.result) or record.result in (-1, 0, 1)):
                raise ValueError(f"a result of {record.result}")
            if not (np.abs(record.ownership.astype(np.int64)) <= 1).all():
                raise ValueError("an ownership that is none")


def games_in_progress(
    game: Game, tree: Mapping[str, Any], most: int | None = None
) -> tuple[np.ndarray, list[Trajectory]]:
    """(states [B], games in progress) of an actor's saved `tree`, the first `most` of them.

    ValueError where they are no games of `game`.
    """
    states = np.frombuffer(np.asarray(tree["states"]).tobytes(), game.dtype)[:most]
    going_on = [Trajectory.load(one) for one in tree["trajectories"][: len(states)]]
    check_states(game, states, going_on)
    return states, going_on


def check_states(game: Game, states: np.ndarray, trajectories: Sequence[Trajectory]) -> None:
    """ValueError where `states` [B] are not those that the games in progress lead to."""
    for one in trajectories:
        lengths = {len(one.moves), len(one.full), len(one.value)}
        if len(lengths) > 1 or sum(one.full) != len(one.policy):
            raise ValueError("a game in progress whose parts differ in length")
        if any(np.shape(policy) != (game.num_actions,) for policy in one.policy):
            raise ValueError("a policy for another number of actions")
    komi = np.array([one.komi for one in trajectories], np.float64)
    expected = replayed(game, [np.asarray(one.moves, np.int64) for one in trajectories], komi)
    if expected.tobytes() != states.tobytes():
        raise ValueError("a position that its moves do not lead to")
