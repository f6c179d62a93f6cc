"""Players from a user's Python file: they can play, and their errors lose their own games."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import numpy as np
import pytest

from envs.boards.catalogue import make_game
from selfplay.match import play_match
from selfplay.match_card import Match
from selfplay.match_session import played_match
from selfplay.played import tally
from selfplay.players import catalogue
from selfplay.players.player import Outsider
from selfplay.players.python import Python
from selfplay.players.random import Random
from tengen.errors import UserError

GAME = make_game("tictactoe")
GOOD = """
import numpy as np
from parts.taste import likes

class Player:
    def __init__(self, game):
        self.game = game
    def choose(self, states):
        return np.argmax(self.game.legal(states) * likes(self.game.num_actions), axis=1)

def last(states):
    return np.full(len(states), 8)

numbers = [1, 2]
"""


def project(folder: Path, likes: str) -> Path:
    (folder / "parts").mkdir(parents=True)
    (folder / "parts" / "__init__.py").write_text("")
    (folder / "parts" / "taste.py").write_text(f"import numpy as np\ndef likes(n): return {likes}\n")
    (folder / "mine.py").write_text(GOOD)
    return folder / "mine.py"


def test_a_class_of_a_file_plays_a_match(tmp_path: Path) -> None:
    file = project(tmp_path / "one", "np.arange(n, 0, -1)")
    card = played_match(Match(f"python:{file}:Player", "random", "tictactoe", games=12))
    assert card.games == 12 and not card.forfeits and card.wins > 2
    again = played_match(Match(f"python:{file}:Player", "random", "tictactoe", games=12))
    assert (again.wins, again.losses) == (card.wins, card.losses)


def test_a_class_need_not_take_the_game(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("class Player:\n    def choose(self, states):\n        return [8] * len(states)\n")
    player = catalogue.make_player(f"python:{file}:Player", GAME, 1, 1, 1, tmp_path)
    assert player.choose(np.arange(1), GAME.new(1)).tolist() == [8]


def test_two_projects_have_parts_of_their_own(tmp_path: Path) -> None:
    """Both import `parts.taste`: one prefers the first field, the other the last."""
    players = [
        catalogue.make_player(f"python:{project(tmp_path / name, likes)}:Player", GAME, 1, 1, 1, tmp_path)
        for name, likes in (("one", "np.arange(n, 0, -1)"), ("two", "np.arange(1, n + 1)"), ("three", "np.eye(n)[4]"))
    ]
    assert [int(player.choose(np.array([0]), GAME.new(1))[0]) for player in players] == [0, 8, 4]


def test_a_function_is_a_player_and_may_give_up() -> None:
    first = Python("first", lambda states: GAME.legal(states).argmax(1), GAME)
    resigns = Python("resigns", lambda states: [-1] * len(states), GAME)
    assert isinstance(first, Outsider)
    games = play_match(GAME, first, resigns, 4, opening=0)
    assert [g.why for g in games] == ["resignation"] * 4 and tally(games).wins == 4


def crashes_at_the_third_move(states: np.ndarray) -> np.ndarray:
    if (GAME.moves(states) >= 4).any():
        raise KeyError("no such\nthing")
    return GAME.legal(states).argmax(1)


@pytest.mark.parametrize(
    ("choose", "why", "note"),
    [
        (crashes_at_the_third_move, "crash", "odd failed: KeyError: 'no such\\nthing' (test_python_players.py, line"),
        (lambda states: np.zeros((len(states), 9)), "rubbish", "it returned float64 of shape [1, 9]"),
        (lambda states: None, "rubbish", "it returned object of shape []"),
        (lambda states: [9] * len(states), "rubbish", "odd chose action 9; tictactoe has 0 to 8"),
        (lambda states: [4] * len(states), "illegal move", "which the referee's rules do not allow"),
        (lambda states: exit(3), "crash", "SystemExit"),
    ],
)
def test_what_goes_wrong_loses_that_game(choose, why: str, note: str) -> None:  # type: ignore[no-untyped-def]
    """Four boards at once; games that end before the failure are not lost."""
    odd = Python("odd", choose, GAME, path=Path(__file__))
    games = play_match(GAME, odd, Random(GAME, 1), 8, boards=4, opening=1, seed=2)
    assert len(games) == 8 and why in {g.why for g in games}
    for played in games:
        if played.why == why:
            assert played.for_first == -1 and note in played.note and "\n" not in played.note, played.note


def test_only_the_game_that_made_it_fail_is_lost() -> None:
    """The function fails if the corner is taken, which holds on one of two boards queried together."""

    def picky(states: np.ndarray) -> np.ndarray:
        if not GAME.legal(states)[:, 0].all():
            raise ValueError("the corner is taken")
        return GAME.legal(states).argmax(1)

    player = Python("picky", picky, GAME)
    states = GAME.new(2)
    one = states[:1].copy()
    GAME.play(one, np.array([0]))
    states[:1] = one
    assert player.choose(np.array([3, 7]), states).tolist() == [-1, 0] and list(player.failed) == [3]
    player.start(np.array([3]), states[:1])
    assert not player.failed


def test_states_are_copies() -> None:
    def spoils(states: np.ndarray) -> np.ndarray:
        chosen = GAME.legal(states).argmax(1)
        states[:] = GAME.new(len(states))
        return chosen

    states = GAME.new(2)
    GAME.play(states, np.array([0, 4]))
    before = states.copy()
    assert Python("spoils", spoils, GAME).choose(np.arange(2), states).tolist() == [1, 0] and (states == before).all()


def test_what_never_answers_is_interrupted() -> None:
    def endless(states: np.ndarray) -> np.ndarray:
        while True:
            with contextlib.suppress(Exception):
                time.sleep(10)

    begun = time.monotonic()
    games = play_match(GAME, Python("endless", endless, GAME, timeout=0.05), Random(GAME, 1), 2, opening=0)
    assert [g.why for g in games] == ["hang", "hang"] and time.monotonic() - begun < 30


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("mine.py", "name a file and a class or function in it, python:my_player.py:Player"),
        ("nowhere.py:Player", "there is no file"),
        ("mine.py:Palyer", "did you mean Player"),
        ("mine.py:numbers", "has no choose(states)"),
        ("broken.py:Player", "SyntaxError: "),
        ("stops.py:Player", "SystemExit: 3 (stops.py, line 2)"),
        ("fails.py:Player", "RuntimeError: no weights (fails.py, line 3)"),
    ],
)
def test_what_cannot_be_made_is_one_line(tmp_path: Path, what: str, says: str) -> None:
    project(tmp_path / "p", "np.ones(n)")
    (tmp_path / "p" / "broken.py").write_text("def player(:\n")
    (tmp_path / "p" / "stops.py").write_text("import sys\nsys.exit(3)\n")
    fails = "class Player:\n  def __init__(self, game):\n    raise RuntimeError('no weights')\n"
    (tmp_path / "p" / "fails.py").write_text(fails)
    with pytest.raises(UserError) as error:
        catalogue.make_player(f"python:{tmp_path / 'p' / what}", GAME, 1, 1, 1, tmp_path)
    assert says in str(error.value) and "\n" not in str(error.value)


def test_code_counts_as_a_program_that_a_file_may_not_start() -> None:
    assert catalogue.starts_program("python:my_player.py:Player") and catalogue.starts_program(" Python :x.py:P")
    assert not catalogue.kind_of("python:x.py:P").searches and catalogue.kind_of("uct:5").searches
