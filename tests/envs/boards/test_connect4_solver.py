"""The Connect 4 solver against published scores, plain negamax, and mirror images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from envs.boards.connect4_solver import Connect4Solver
from envs.boards.game import Position
from envs.boards.lines import connect4
from envs.boards.solve import solve

CONNECT4 = Path(__file__).resolve().parents[4] / "shared" / "data" / "connect4"
# Openings (8 to 14 stones, decided 14 to 27 stones later) from P. Pons' Test_L1_R2, with their scores
MEDIUM = [
    ("32751571231557", -3),
    ("335662333565", -2),
    ("2416615552", 4),
    ("157564142155", -5),
    ("75734233473735", 0),
    ("13555111322723", -1),
    ("27454145332", -3),
    ("3434176525", 4),
    ("63675475432432", 3),
    ("12675471354133", 0),
]


def state_of(moves: str) -> np.ndarray:
    return Position.start(connect4()).play_all(list(moves)).state


@pytest.mark.parametrize("name", ["Test_L3_R1", "Test_L2_R1", "Test_L1_R1"])
def test_published_scores(name: str) -> None:
    if not CONNECT4.is_dir():
        pytest.skip("the Connect 4 test sets (shared/data/connect4) are missing")
    by_score, by_outcome = Connect4Solver(), Connect4Solver()
    for line in (CONNECT4 / name).read_text().splitlines():
        moves, score = line.split()
        assert by_score.score(state_of(moves)) == int(score), line
        assert by_outcome.outcome(state_of(moves)) == np.sign(int(score)), line


@pytest.mark.parametrize(("moves", "score"), MEDIUM)
def test_published_scores_of_openings(moves: str, score: int) -> None:
    solver = Connect4Solver()
    assert solver.outcome(state_of(moves), most_nodes=20) is None
    assert solver.outcome(state_of(moves)) == np.sign(score)


def test_late_positions_by_exhaustive_search() -> None:
    """Random positions with few empty cells, solved by plain search."""
    game, random = connect4(), np.random.default_rng(0)
    solver, known = Connect4Solver(1), dict[int, float]()
    found = []
    while len(found) < 40:
        state = game.new(1)
        for _ in range(random.integers(29, 42)):
            game.play(state, random.choice(np.flatnonzero(game.legal(state)[0]), 1))
            if game.ended(state)[0]:
                break
        found.append(int(solve(game, state, known)))
        assert solver.outcome(state) == found[-1] == np.sign(solver.score(state))
    assert set(found) == {-1, 0, 1}


def test_a_mirror_image_has_the_same_score() -> None:
    solver, other = Connect4Solver(), Connect4Solver()
    for moves in ("4455", "335662333565", "62122133323", "1", "26767177636"):
        turned = "".join(str(8 - int(move)) for move in moves)
        for target in (-3, 3, 5):
            expected = Connect4Solver().at_least(state_of(moves), target, 300_000)
            if expected is not None:
                assert solver.at_least(state_of(moves), target) == expected
                assert solver.at_least(state_of(turned), target) == expected  # from the same table entry
                assert other.at_least(state_of(turned), target) == expected


def test_by_hand() -> None:
    solver = Connect4Solver()
    assert solver.score(state_of("1212121")) == -18  # 42 stones, Black won with his 4th: 22 - 4
    assert solver.score(state_of("121212")) == 18
    assert solver.outcome(state_of("1212121")) == -1 and solver.outcome(state_of("121212")) == 1
    assert solver.at_least(state_of("121212"), 18) and not solver.at_least(state_of("121212"), 19)


def test_giving_up_leaves_nothing_false_in_the_table() -> None:
    solver = Connect4Solver()
    for most_nodes in (1, 10, 100, 1000, 5000):
        assert solver.outcome(state_of("2416615552"), most_nodes) is None
    assert solver.score(state_of("2416615552")) == 4
    assert Connect4Solver().outcome(state_of(""), most_nodes=1000) is None


def test_a_small_table_gives_the_same_scores() -> None:
    """Entries that do not fit are searched again, never confused with others."""
    small, large = Connect4Solver(0), Connect4Solver(64)
    small._table = np.zeros(64, np.int64)
    for moves in ("5554224333234511764415115", "52753311433677442422121", "1233722555341451114725221333"):
        assert small.score(state_of(moves)) == large.score(state_of(moves)), moves
