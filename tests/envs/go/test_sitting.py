"""Moves out of turn, and stones set up in mid-game."""

from __future__ import annotations

import numpy as np
import pytest

from envs.boards.game import BLACK, WHITE, IllegalMove
from envs.go import board
from envs.go.game import Go
from envs.go.sitting import continued, give_turn

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


def edited(game: Go, state: np.ndarray, put: str, to_move: int = WHITE) -> np.ndarray:
    """`state` with one more white stone."""
    stones = game.stones(state)[0].ravel()
    stones[game.parse_action(put)] = WHITE
    black, white = (np.flatnonzero(stones == colour).tolist() for colour in (BLACK, WHITE))
    assert game.can.edited is not None
    return game.can.edited(state, black, white, to_move)


def test_stones_set_up_in_mid_game_keep_prisoners_and_komi() -> None:
    game = Go(5, "japanese")
    state = after(game, KO)
    assert game.can.komi is not None
    game.can.komi.give(state, 3.5)
    other = edited(game, state, "E5")
    meta = other["meta"][0]
    assert (meta[board.CAPTURED_WHITE], meta[board.CAPTURED_BLACK], meta[board.KOMI2]) == (1, 0, 7)
    assert game.moves(other)[0] == 9 and game.to_move(other)[0] == WHITE and not game.ended(other)[0]
    play(game, other, "C3")  # the position is another one: no simple ko


def test_superko_remembers_positions_from_before_a_set_up() -> None:
    game = Go(5, "chinese")
    state = after(game, KO)
    other = edited(game, state, "E5")
    play(game, other.copy(), "C3")  # E5 is new
    stones = game.stones(state)[0].ravel()
    black, white = (np.flatnonzero(stones == colour).tolist() for colour in (BLACK, WHITE))
    again = continued(other, game.with_setup(black, white, WHITE))  # E5 is taken off
    with pytest.raises(IllegalMove, match="repeats"):
        play(game, again, "C3")


def test_set_ups_cannot_overrun_the_list_of_positions() -> None:
    game = Go(2, "tromp-taylor", max_moves=6)
    state = game.new(1)
    for move in range(6):
        assert game.can.edited is not None and game.can.give_turn is not None
        for _ in range(3):
            state = game.can.edited(state, [move % 2], [], BLACK)
        assert not game.ended(state)[0]
        play(game, state, "B1")
    assert game.cut_short(state)[0] and game.cut_short(game.can.edited(state, [0], [], BLACK))[0]
    assert state["meta"][0, board.POSITIONS] == 7
