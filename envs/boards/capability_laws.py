"""Laws for a game's capabilities (envs/boards/capabilities.py). `check_capabilities` runs all that apply."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from envs.boards.capabilities import FinishedGame
from envs.boards.game import Game


def check_capabilities(game: Game, batches: Iterable[np.ndarray]) -> None:
    """Check the capabilities in `game.can` on the positions in `batches`; the AssertionError says what is broken."""
    can, points = game.can, int(np.prod(game.board_shape))
    if can.passing is not None:
        assert 0 <= can.passing < game.num_actions, "the pass is not an action"
    if can.opening_points is not None:
        assert can.opening_points.shape == (game.num_actions,) and can.opening_points.any()
        assert game.legal(game.new(1))[0][can.opening_points].all(), "an opening point is not legal at the start"
    if can.sgf:
        action = int(np.flatnonzero(game.legal(game.new(1))[0])[0])
        assert can.sgf(FinishedGame((action,), 1.0, None, "resignation", "one", "other", 1)).startswith(b"(;")
    for states in batches:
        before = states.tobytes()
        if can.settled:
            winner = can.settled(states)
            assert winner.shape == (len(states),) and np.isin(winner, (-1, 0, 1)).all(), "settled by an unknown colour"
            assert not winner[game.ended(states)].any(), "a finished game is reported as settled"
        if can.sensible:
            sensible = can.sensible(states)
            assert sensible.shape == (len(states), game.num_actions)
            assert not (sensible & ~game.legal(states)).any(), "a sensible move is not legal"
            going = ~game.ended(states)
            assert sensible[going].any(axis=1).all(), "a game that goes on has no sensible move"
        if can.count:
            score, owner = can.count(states, None)
            assert score.shape == (len(states),) and owner.shape == (len(states), *game.board_shape)
            assert np.isin(owner, (-1, 0, 1)).all()
            empty_marks = np.zeros((len(states), points), bool)
            assert np.array_equal(can.count(states, empty_marks).score, score), "an empty mask of dead stones matters"
        if can.komi and can.count:
            later = states.copy()
            can.komi.give(later, can.komi.usual + 1)
            usual = states.copy()
            can.komi.give(usual, can.komi.usual)
            assert np.allclose(can.count(later, None).score, can.count(usual, None).score - 1), "komi is not subtracted"
        if can.playouts:
            first, again = (can.playouts(states, np.random.default_rng(1), 2) for _ in range(2))
            assert first.shape == (len(states),) and (np.abs(first) <= 1).all()
            assert np.array_equal(first, again), "playouts depend on more than their random generator"
        assert states.tobytes() == before, "a capability changes the state"
