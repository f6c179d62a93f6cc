"""Unconditional life (Benson 1976): chains and their eyes, by hand and by random play."""

from __future__ import annotations

import numpy as np

from envs.boards.game import BLACK, WHITE
from envs.go import board
from envs.go.game import Go
from tests.envs.go.test_features import plane
from tests.envs.go.test_rules import draw


def test_unconditionally_alive_chains() -> None:
    # Black's corner has two one-point eyes; White's has one eye of two points, which can be filled.
    game, state = draw(
        """
        . X . X O
        X X X X O
        O O O O O
        O O O O O
        . . O O O
        """
    )
    owner = game.alive(state)[0]
    assert (owner[:2, :4] == 1).all() and (owner[2:] == 0).all()
    game, state = draw(
        """
        . X . X O
        X X X X O
        O O O O O
        O O O O O
        . O . O O
        """
    )
    owner = game.alive(state)[0]
    assert (owner[:2, :4] == 1).all() and (owner[2:] == -1).all() and (owner[:2, 4] == -1).all()
    assert plane(game, state, "own alive area")[:2] == ["A4", "A5"]
    assert game.decided(state)[0] == WHITE  # 8 points to 17, with komi 7.5 more


def test_shared_eyes_make_two_chains_alive() -> None:
    game, state = draw(
        """
        . X . O .
        X . X . .
        . X X . .
        X X . . .
        . . . . .
        """
    )
    # A5 touches B5 and A4, B4 touches B5, A4, C4 and B3, A3 touches A4, B3 and A2: every chain has two vital
    # regions bordered by living chains.
    owner = game.alive(state)[0]
    assert (owner[0, :2] == 1).all() and owner[1, 1] == 1 and owner[2, 0] == 1
    assert owner[0, 3] == 0


def test_no_move_kills_what_benson_calls_alive() -> None:
    """The marked chains survive any number of moves by the attacker alone."""
    game = Go(5)
    random = np.random.default_rng(0)
    claims = 0
    for _ in range(300):
        state = game.new(1)
        for _ in range(int(random.integers(20, 60))):
            points = np.flatnonzero(game.legal(state)[0, :-1])
            if len(points) == 0 or game.ended(state)[0]:
                break
            game.play(state, np.array([random.choice(points)]))
        for colour in (BLACK, WHITE):
            alive = (game.alive(state)[0] == colour) & (game.stones(state)[0] == colour)
            if not alive.any():
                continue
            claims += 1
            attacked = state.copy()
            for _ in range(60):
                meta = attacked["meta"][0]
                meta[board.END] = board.PLAYING
                meta[board.PASSES] = 0
                meta[board.TO_MOVE] = board.WHITE if colour == BLACK else board.BLACK
                points = np.flatnonzero(game.legal(attacked)[0, :-1])
                if len(points) == 0 or meta[board.MOVES] >= game.max_moves - 1:
                    break
                game.play(attacked, np.array([random.choice(points)]))
                assert (game.stones(attacked)[0][alive] == colour).all()
    assert claims > 30
