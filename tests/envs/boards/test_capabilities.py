"""Go's capabilities against their laws, and games that have none."""

from __future__ import annotations

import numpy as np
import pytest

from envs.boards.capability_laws import check_capabilities
from envs.boards.catalogue import (
    GAMES,
    Entry,
    board_games,
    describe_games,
    fair_komi,
    go_size,
    is_board_game,
    make_game,
)
from envs.boards.lines import connect4
from envs.go.game import Go
from envs.go.sgf import read_sgf
from envs.laws import random_games
from tengen.errors import UserError


@pytest.mark.parametrize("rules", ["tromp-taylor", "cgos", "japanese"])
def test_go_obeys_the_laws_of_capabilities(rules: str) -> None:
    game = Go(5, rules)
    check_capabilities(game, random_games(game, 8, seed=1, max_rounds=60))


def test_a_broken_capability_is_found() -> None:
    from dataclasses import replace

    game = Go(5, "cgos", komi=0.5)
    batches = [batch.copy() for batch in random_games(game, 64, seed=2)]
    assert sum(int((game.can.settled(batch) != 0).sum()) for batch in batches) > 20  # type: ignore[misc]
    right = game.can.settled
    assert right is not None
    for broken, why in (
        (replace(game.can, settled=lambda states: 2 * right(states)), "settled by an unknown colour"),
        (replace(game.can, sensible=lambda states: ~game.legal(states)), "sensible move"),
        (replace(game.can, playouts=lambda states, random, n: np.random.default_rng().random(len(states))), "playouts"),
        (replace(game.can, passing=99), "not an action"),
    ):
        game.can = broken
        with pytest.raises(AssertionError, match=why):
            check_capabilities(game, batches)


def test_dead_stones_come_off_and_marks_on_empty_points_change_nothing() -> None:
    for rules in ("cgos", "japanese"):
        game = Go(5, rules, komi=0.0)
        black = [game.parse_action(f"{column}3") for column in "ABCDE"]
        state = game.with_setup(black, [game.parse_action("C4")])
        assert game.can.count is not None
        none, dead = np.zeros((1, 25), bool), np.zeros((1, 25), bool)
        dead[0, game.parse_action("C4")] = True
        empty = none.copy()
        empty[0, game.parse_action("A1")] = True
        assert game.can.count(state, dead).score[0] == {"cgos": 25, "japanese": 21}[rules]
        assert game.can.count(state, empty).score[0] == game.can.count(state, none).score[0]


def test_a_finished_game_as_sgf() -> None:
    from envs.boards.capabilities import FinishedGame

    game = Go(9, "cgos", komi=6.5)
    assert game.can.sgf is not None
    played = FinishedGame((40, 41, 81), 1.0, 3.5, "points", "one", "other", 7)
    record = read_sgf(game.can.sgf(played))
    assert [move.action for move in record.moves] == [40, 41, 81] and record.komi == 6.5
    assert (record.black, record.white, record.winner, record.margin) == ("one", "other", 1, 3.5)


def test_games_by_name() -> None:
    assert connect4().can.passing is None and make_game("connect4").name == "connect4"
    assert make_game("go9", "cgos").can.agreed["komi"] == 7 and make_game("Go5").name == "go5"  # type: ignore[attr-defined]
    assert go_size("go19") == 19 and go_size("chess") is None and is_board_game("go2") and not is_board_game("pong")
    assert fair_komi("go5") == 25 and fair_komi("go9") is None and fair_komi("connect4") is None
    assert set(GAMES) < set(board_games()) and [row[0] for row in describe_games()][:2] == ["game", "tictactoe"]
    with pytest.raises(UserError, match="no board game named 'conect4'; did you mean connect4"):
        make_game("conect4")
    with pytest.raises(UserError, match="sizes from 2 to 25"):
        make_game("go26")
    assert isinstance(Entry("module:function").make, str)


@pytest.mark.parametrize(
    ("name", "moves", "rows"),
    [
        ("tictactoe", "a3 b3 b2 c3 c1", [[0, 4, 8]]),
        ("tictactoe", "a3 b3 c3 b2 b1 c2 a2 a1 c1", []),  # a draw
        ("tictactoe", "a3 b3 c1 b2 a2 c3 b1 c2 a1", [[6, 7, 8], [0, 3, 6]]),  # two at once
        ("connect4", "1 1 2 2 3 3 4", [[35, 36, 37, 38]]),
        ("connect4", "1 7 1 7 1 7 2 7", [[20, 27, 34, 41]]),
        ("connect4", "1 2 2 3 3 4 3 4 4 7 4", [[17, 23, 29, 35]]),
        ("connect4", "1 1 2 2 3 3 5 5 4", [[35, 36, 37, 38, 39]]),  # five
        ("connect4", "1 1 2 2", []),
    ],
)
def test_the_rows_that_won(name: str, moves: str, rows: list[list[int]]) -> None:
    game = make_game(name)
    state = game.new(1)
    for move in moves.split():
        game.play(state, np.array([game.parse_action(move)]))
    assert game.can.winning_rows is not None
    assert game.can.winning_rows(state) == rows
