"""When to pass and when to resign, in positions where the right answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from envs.boards.game import BLACK, WHITE
from selfplay.gtp import decide
from selfplay.gtp.rules import NAMED
from selfplay.gtp.scoring import dead_stones, result_text, score
from selfplay.gtp.table import Table, free_handicap
from selfplay.thinking import Analysis, MoveAnalysis

PASS = 25
# Black has the left of a 5x5 board and White the right; a white stone in Black's half is dead.
HALVES = """
. . X O .
. O X O .
. . X O .
. . X O .
. . X O .
"""


def table_of(drawing: str, rules: str, komi: float) -> Table:
    """A 5x5 board, Black to move."""
    points = "".join(drawing.split())
    size = int(len(points) ** 0.5)
    table = Table(size, NAMED[rules])
    stones = [[i for i, p in enumerate(points) if p == mark] for mark in "XO"]
    table.set_up(stones[0], stones[1], BLACK, 0)
    table.set_komi(komi)
    return table


def found(best: int, *moves: tuple[int, float], colour: int = BLACK, value: float = 0.5) -> Analysis:
    """An analysis with moves (action, value), best first."""
    shown = tuple(MoveAnalysis(a, 10, v, 0.1, v, (a,)) for a, v in moves)
    return Analysis(colour, 10 * len(moves), value, value, shown, best, 1.0)


def lost_stone(cautious: int = 0) -> np.ndarray:
    """[H, W] bool: White's stone in Black's half."""
    dead = np.zeros((5, 5), bool)
    dead[1, 1] = True
    return dead


def test_dead_stones_are_taken_off_before_passing_where_the_board_counts_as_it_stands() -> None:
    """With the stone removed Black leads 15 to 10; as the board stands it is 5 to 11."""
    table = table_of(HALVES, "tromp-taylor", 0.5)
    dead = lost_stone()
    assert (score(table.game, table.state), score(table.game, table.state, dead)) == (5 - 11 - 0.5, 4.5)
    chosen = decide.choose(table, found(PASS, (PASS, 0.4), (5, 0.3)), lambda cautious: dead)
    assert chosen == 5, "a sensible move that the search looked at"
    chosen = decide.choose(table, found(PASS, (PASS, -1.0)), lambda cautious: dead)
    assert chosen in (1, 5, 11), "one of the liberties of the dead stone"


def test_dead_stones_may_stay_where_they_are_taken_off_by_agreement() -> None:
    table = table_of(HALVES, "chinese", 0.5)
    dead = lost_stone()
    assert decide.choose(table, found(PASS, (PASS, 0.4), (5, 0.3)), lambda cautious: dead) == PASS
    table.play(WHITE, PASS)
    assert decide.choose(table, found(5, (5, 0.9)), lambda cautious: dead) == PASS, (
        "the opponent passed, and the game is won"
    )


def test_no_pass_while_an_own_group_that_decides_may_be_called_dead() -> None:
    """Black wins with all stones and loses without the chain in the middle, which may not be alive."""
    table = table_of(HALVES, "chinese", 0.5)

    def dead(cautious: int) -> np.ndarray:
        feared = lost_stone()
        feared[:, 2] = cautious == BLACK
        return feared

    assert score(table.game, table.state, dead(0)) > 0 > score(table.game, table.state, dead(BLACK))
    choices = found(PASS, (PASS, 0.4), (5, 0.3), (0, 0.2))
    assert decide.choose(table, choices, lambda cautious: dead(0)) == PASS, "nothing to fear"
    assert decide.choose(table, choices, dead) == 0, "what makes the group safe, not what takes a dead stone off"
    table.play(WHITE, PASS)
    assert decide.choose(table, choices, dead) == 0
    assert decide.choose(table, found(PASS, (PASS, 0.4)), dead) == PASS, "the search knows nothing better"


def test_a_lost_game_is_not_ended_by_a_second_pass() -> None:
    table = table_of(HALVES, "chinese", 9.5)
    table.play(WHITE, PASS)
    dead = lost_stone()
    assert decide.choose(table, found(PASS, (PASS, -0.2), (4, -0.3)), lambda cautious: dead) == 4, "an invasion"
    assert decide.choose(table, found(PASS, (PASS, -0.95), (4, -0.97)), lambda cautious: dead) == PASS, "hopeless"


def test_own_territory_is_not_filled_when_the_opponent_has_passed() -> None:
    """White has passed and wins: moves in Black's own half gain nothing, not even by capturing the dead stone."""
    table = table_of(HALVES, "chinese", 9.5)
    table.play(WHITE, PASS)
    assert decide.choose(table, found(0, (0, -0.2), (5, -0.3)), lost_stone) == PASS
    assert decide.choose(table, found(0, (0, -0.2), (4, -0.3)), lost_stone) == 4
    counted_as_it_stands = table_of(HALVES, "tromp-taylor", 0.5)
    counted_as_it_stands.play(WHITE, PASS)
    assert decide.choose(counted_as_it_stands, found(0, (0, -0.2), (5, -0.3)), lost_stone) == 5, "that takes it off"


def test_resigns_after_three_hopeless_moves_and_never_early_in_a_game() -> None:
    resigning = decide.Resigning(0.05)
    low, fair = found(3, (3, -0.95), value=-0.95), found(3, (3, 0.0), value=0.0)
    assert [resigning.hopeless(low, 30, 81) for _ in range(4)] == [False, False, True, True]
    assert not resigning.hopeless(fair, 31, 81) and not resigning.hopeless(low, 32, 81)
    assert not any(decide.Resigning(0.05).hopeless(low, 5, 81) for _ in range(9))
    assert not any(decide.Resigning(0.0).hopeless(found(3, (3, -1.0), value=-1.0), 50, 81) for _ in range(9))


def test_chains_by_life_and_by_ownership() -> None:
    """Unconditional life overrides any ownership estimate."""
    alive = """
    . X . X O
    X X X X O
    O O O O O
    . O . . .
    O . O . X
    """
    table = table_of(alive, "chinese", 0.5)
    dead = dead_stones(table.game, table.state, np.full((5, 5), -1.0))
    assert np.argwhere(dead).tolist() == [[4, 4]]
    assert not dead_stones(table.game, table.state, np.full((5, 5), 0.0))[0].any()


@pytest.mark.parametrize(("points", "text"), [(3.5, "B+3.5"), (-0.5, "W+0.5"), (0.0, "0"), (12.0, "B+12")])
def test_results_as_text(points: float, text: str) -> None:
    assert result_text(points) == text


@pytest.mark.parametrize("size", [2, 3, 6, 7, 8, 9, 19])
def test_free_handicap_places_as_many_as_asked(size: int) -> None:
    for stones in range(2, min(size * size, 30)):
        points = free_handicap(Table(size, NAMED["chinese"]).game, stones)
        assert len(set(points)) == stones and all(0 <= a < size * size for a in points)
