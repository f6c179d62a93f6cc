"""Moves out of turn."""

from __future__ import annotations

import numpy as np
import pytest

from envs.boards.game import BLACK, WHITE, IllegalMove
from envs.go.game import Go
from envs.go.sitting import give_turn

KO = "B3 D4 C4 D2 C2 E3 A1 C3 D3"  # Black's last move takes the ko at C3


def play(game: Go, state: np.ndarray, *vertices: str) -> None:
    for vertex in vertices:
        game.play(state, np.array([game.parse_action(vertex)]))


def after(game: Go, vertices: str) -> np.ndarray:
    state = game.new(1)
    play(game, state, *vertices.split())
    return state


def test_whoever_took_a_ko_may_connect_it_when_it_is_their_turn_again() -> None:
    game = Go(5, "japanese")
    state = after(game, KO)
    give_turn(state, WHITE)  # no change of turn: White may still not take back
    with pytest.raises(IllegalMove, match="ko"):
        play(game, state, "C3")
    give_turn(state, BLACK)
    play(game, state, "C3")
