"""Dead stones: a program is believed only where it may be right."""

from __future__ import annotations

import numpy as np
import pytest

from envs.boards.game import BLACK
from envs.go.game import Go
from selfplay.dead import counted
from selfplay.gtp.scoring import score
from selfplay.match import play_match
from selfplay.players.player import Failure
from selfplay.players.random import Random

GAME = Go(5, "cgos", komi=0.5)
# Black has two eyes at the top, White at the bottom; a black stone in White's corner is dead.
BOARD = """
 . X . X .
 X X X X X
 O O O O O
 O O . O .
 X . O O O
"""


def position(board: str = BOARD) -> np.ndarray:
    points = "".join(board.split())
    black, white = ([i for i, c in enumerate(points) if c == side] for side in "XO")
    return GAME.with_setup(black, white, BLACK)


def at(*names: str) -> list[int]:
    return [GAME.parse_action(name) for name in names]


def test_what_can_be_right_is_used() -> None:
    state = position()
    assert counted(GAME, state, [("a", at("A1"))]) == (10 - 15 - 0.5, "")
    assert counted(GAME, state, [("a", []), ("b", [])])[0] == counted(GAME, state, [])[0]
    assert counted(GAME, state, [("a", at("A1")), ("b", at("A1"))])[0] == -5.5


@pytest.mark.parametrize("claim", [("B5",), ("C4", "A1"), ("D5", "A3", "A1")])
def test_living_stones_are_not_dead_whoever_says_so(claim: tuple[str, ...]) -> None:
    points, note = counted(GAME, position(), [("a liar", at(*claim))])
    assert points < 0 and note == "a liar calls stones dead that are unconditionally alive"
    assert counted(GAME, position(), [("a liar", at(*claim)), ("b", at("A1"))])[0] == -5.5


OPEN = """
 . . . . .
 . X X X .
 X X . O O
 . O O O .
 . O . . .
"""


@pytest.mark.parametrize(
    ("estimates", "claims", "expected"),
    [
        ([1.0, -1.0, 1.0], ["B4", "B2"], None),  # either could be right
        ([1.0, 1.0, 2.0], ["B4"], 1.0),  # the liar cannot be right, and our own estimate is certain
        ([1.0, 1.0, 2.0], ["B2"], 24.5),
        ([1.0, -1.0, 2.0], ["B4"], -25.5),
    ],
)
def test_where_the_winner_depends_on_a_word_it_is_held_against_an_estimate(
    estimates: list[float], claims: list[str], expected: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selfplay.dead._estimates", lambda game, state: estimates)
    points, note = counted(GAME, position(OPEN), [(f"player {vertex}", at(vertex)) for vertex in claims])
    assert np.isnan(points) if expected is None else points == expected
    assert bool(note) == (expected in (None, 1.0))


class Brief(Random):
    """Passes after a number of moves, so that the board is counted. Plays one game at a time."""

    def start(self, boards: np.ndarray, states: np.ndarray) -> None:
        self.board, self.moves = self.game.new(1), 0

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        assert self.game.can.passing is not None
        return super().choose(boards, states) if self.moves < 30 else np.array([self.game.can.passing])

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None:
        self.game.play(self.board, actions)
        self.moves += 1


class Liar(Brief):
    """Calls every opposing stone dead."""

    def __init__(self, game: Go) -> None:
        super().__init__(game, 1)
        self.failed: dict[int, Failure] = {}
        self.spent: dict[int, float] = {}
        self.colour = BLACK

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        self.colour = int(self.game.to_move(states)[0])
        return super().choose(boards, states)

    def place(self, board: int, stones: object) -> None: ...

    def dead(self, board: int) -> list[int]:
        return [int(a) for a in np.flatnonzero(GAME.stones(self.board)[0].ravel() == -self.colour)]


def test_nobody_wins_a_match_by_his_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """If no game is settled early, the liar is asked; it still loses what it lost on the board."""
    monkeypatch.setattr("selfplay.match.settled", lambda game, states: np.zeros(len(states), np.int8))
    games = play_match(GAME, Liar(GAME), Brief(GAME, 2), 12, boards=1, opening=0)
    asked = [played for played in games if played.why in ("points", "unsettled")]
    assert any(played.why == "points" and played.note for played in asked), "a lie was seen through"
    for played in asked:
        state = GAME.new(1)
        for action in played.actions:
            GAME.play(state, np.array([action]))
        as_it_stands = score(GAME, state) * (1 if played.first_is_black else -1)
        assert as_it_stands > 0 or played.for_first != 1
