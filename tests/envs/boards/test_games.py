"""Every game against the common laws; solved games against their known values."""

from __future__ import annotations

import pytest

from envs.boards.game import BLACK, WHITE, IllegalMove, Position, mover_result
from envs.boards.lines import connect4, tictactoe
from envs.boards.solve import solve
from envs.go.game import Go
from envs.go.prove import go_reaches
from envs.laws import check_game
from tengen.errors import UserError
from tests.long import takes_long

GAMES = {
    "tictactoe": tictactoe,
    "connect4": connect4,
    "go5": lambda: Go(5),
    "go2": lambda: Go(2),
    "go9 cgos": lambda: Go(9, "cgos"),
    "go4 aga": lambda: Go(4, "aga"),
    "go6 japanese": lambda: Go(6, "japanese", features="zero"),
    "go7 chinese": lambda: Go(7, "chinese", features="alphago"),
}


@pytest.mark.parametrize("name", GAMES)
def test_laws(name: str) -> None:
    check_game(GAMES[name](), games=16)


@pytest.mark.slow
@pytest.mark.parametrize("size", [13, 19, 25])
def test_laws_on_large_boards(size: int) -> None:
    check_game(Go(size), games=4, max_rounds=200)


def test_threads_change_nothing() -> None:
    from envs.laws import random_games

    ends = []
    for threads in (1, 4):
        game = Go(7, threads=threads)
        *_, states = random_games(game, 2048, seed=3, max_rounds=60)
        ends.append((states.tobytes(), game.encode(states).tobytes(), game.score(states).tobytes()))
    assert ends[0] == ends[1]


def test_tictactoe_is_a_draw() -> None:
    game = tictactoe()
    known: dict[int, float] = {}
    assert solve(game, game.new(1), known) == 0
    assert len(known) == 5478  # reachable positions, including finished ones


def test_tictactoe_by_hand() -> None:
    p = Position.start(tictactoe()).play_all(["a1", "b1", "a2", "b2", "a3"])
    assert p.ended and p.result == BLACK and p.to_move == WHITE
    assert mover_result(p.game, p.state)[0] == -1
    with pytest.raises(IllegalMove, match="the game is over"):
        p.play("c3")
    full = Position.start(tictactoe()).play_all(["b2", "a3", "c3", "a1", "a2", "c2", "b3", "b1", "c1"])
    assert full.ended and full.result == 0


@pytest.mark.parametrize(
    ("moves", "winner"),
    [("1 2 1 2 1 2 1", BLACK), ("1 1 2 2 3 3 4", BLACK), ("1 2 2 3 3 4 3 4 4 6 4", BLACK), ("1 7 1 7 2 7 2 7", WHITE)],
)
def test_connect4_lines(moves: str, winner: int) -> None:
    p = Position.start(connect4()).play_all(moves.split())
    assert p.ended and p.result == winner


def test_connect4_rows_do_not_wrap() -> None:
    # Three on top of column 1 and one at the bottom of column 2 are adjacent bits, but not adjacent cells.
    p = Position.start(connect4()).play_all(["2", "1", "3", "1", "5", "1", "1", "2", "1", "2", "1"])
    assert not p.ended
    with pytest.raises(IllegalMove, match="the column is full"):
        p.play("1")
    with pytest.raises(UserError, match="is not a move of connect4"):
        p.play("8")


@takes_long
def test_go_2x2_and_3x3_are_solved() -> None:
    two, three = Go(2, max_moves=100), Go(3, max_moves=100)
    assert go_reaches(two, two.new(1), BLACK, 1, 12)[0], "2x2: Black gets 1"
    assert go_reaches(two, two.new(1), WHITE, 1, 12)[0], "2x2: White holds Black to 1"
    assert not go_reaches(two, two.new(1), BLACK, 2, 12)[0]
    assert go_reaches(three, three.new(1), BLACK, 9, 12)[0], "3x3: Black gets everything"
