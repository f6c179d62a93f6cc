"""A GTP program or a Python player at the browser board: handicap, komi, take-overs and failures."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from envs.boards.catalogue import make_game
from envs.boards.game import BLACK, WHITE
from selfplay.board.mind import Mind, Minds
from selfplay.board.records import open_record
from selfplay.board.sitting import Sitting
from selfplay.board.tree import GameTree, Setup
from tengen.errors import UserError
from tests.selfplay.odd_programs import odd

# Notes every command in the file named by its argument, and plays the first free point of its own board.
_PROGRAM = """
import sys
points, taken = [f"{c}{r}" for r in range(1, 6) for c in "ABCDE"], set()
for line in sys.stdin:
    print(line.strip(), file=open(sys.argv[1], "a"))
    word, *rest = line.split()
    if word == "clear_board":
        taken.clear()
    if word == "set_free_handicap":
        taken.update(rest)
    if word == "play":
        taken.add(rest[1])
    answer = {"name": "noter", "version": "1", "list_commands": "set_free_handicap"}.get(word, "")
    if word == "genmove":
        answer = next(p for p in points if p not in taken)
        taken.add(answer)
    print("= " + answer + "\\n", flush=True)
"""


class Seated:
    """A mind without its thread, in a game of 7x7 against a player."""

    def __init__(self, player: str, folder: Path) -> None:
        self.game = make_game("go7")
        self.sitting = Sitting("1", GameTree(self.game), "a player")
        self.mind = Mind(self.sitting, Minds(player, "go7", folder))

    def answer(self) -> str:
        """Let the mind do its job; returns the name of its move."""
        job = self.sitting.next_job(0)
        assert job is not None and job.kind == "move"
        self.mind._do(job)
        assert self.sitting.node.action is not None
        return self.game.action_name(self.sitting.node.action)

    def play(self, vertex: str) -> None:
        self.sitting.play(self.game.parse_action(vertex))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def seated(tmp_path: Path, log: Path) -> Iterator[Seated]:
    script = tmp_path / "noter.py"
    script.write_text(_PROGRAM)
    game = Seated("gtp:" + shlex.join([sys.executable, "-S", str(script), str(log)]), tmp_path)
    yield game
    game.mind._leave()


def told(log: Path) -> list[str]:
    """The commands of the game so far: everything since the board was last cleared."""
    lines = log.read_text().splitlines()
    return lines[len(lines) - lines[::-1].index("clear_board") :]


def test_a_program_hears_the_handicap_and_the_komi(seated: Seated, log: Path) -> None:
    s = seated.sitting
    tree = GameTree(seated.game, 0.5, 2)
    tree.root.setup = Setup(tuple(seated.game.parse_action(vertex) for vertex in ("C3", "E5")), to_play=WHITE)
    s.seat(tree, "black")
    assert seated.answer() == "A1" and s.node.colour == WHITE
    assert told(log) == ["komi 7.5", "komi 0.5", "set_free_handicap C3 E5", "genmove white"]
    s.seat(GameTree(seated.game), "white")
    assert seated.answer() == "A1" and told(log) == ["komi 7.5", "genmove black"]  # the rules' own komi again


def test_a_move_that_was_thought_of_in_vain_is_not_on_the_programs_board(seated: Seated, log: Path) -> None:
    s = seated.sitting
    seated.play("C3")
    job = s.next_job(0)
    assert job is not None
    s.you = "both"  # the user takes over while the program is thinking
    s.changed()
    seated.mind._do(job)
    assert s.node.colour == BLACK
    seated.play("E5")
    s.you = "white"
    s.changed()
    assert seated.answer() == "A1"
    assert told(log)[1:] == ["play black C3", "play white E5", "genmove black"]


def test_a_move_taken_back_and_played_again(seated: Seated, log: Path) -> None:
    seated.play("C3")
    assert seated.answer() == "A1"
    seated.sitting.take_back()
    seated.play("C3")
    assert seated.answer() == "A1"
    seated.play("B2")
    assert seated.answer() == "B1"
    assert told(log)[1:] == ["play black C3", "genmove white", "play black B2", "genmove white"]


def test_a_game_that_a_program_cannot_follow(seated: Seated) -> None:
    for record in (b"(;SZ[7]AB[aa]AW[bb];B[cc])", b"(;SZ[7];B[cc];B[dd])", b"(;SZ[7];B[cc];AW[ee];W[dd])"):
        tree = open_record(record).tree
        seated.sitting.seat(tree, "watch")
        seated.sitting.step("last")
        with pytest.raises(UserError, match="noter.*(in turn|set up between moves)"):
            seated.answer()


@pytest.mark.parametrize(("mode", "why"), [("dies", "ended"), ("illegal", "a1"), ("nonsense", "z99"), ("refuses", "")])
def test_a_program_that_fails_has_not_resigned(tmp_path: Path, mode: str, why: str) -> None:
    game = Seated("gtp:" + odd(tmp_path, mode), tmp_path)
    game.play("A1")
    with pytest.raises(UserError) as error:
        game.answer()
    assert why in str(error.value) and game.sitting.node.resigned is None
    game.mind._leave()


def test_a_program_that_resigns(tmp_path: Path) -> None:
    game = Seated("gtp:" + odd(tmp_path, "resigns"), tmp_path)
    game.play("C3")
    job = game.sitting.next_job(0)
    assert job is not None
    game.mind._do(job)
    assert game.sitting.node.resigned == WHITE
    game.mind._leave()


def test_a_python_player_that_fails(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def choose(states):\n    raise ValueError('lost my way')\n")
    game = Seated(f"python:{tmp_path / 'mine.py'}:choose", tmp_path)
    game.play("C3")
    with pytest.raises(UserError, match="lost my way"):
        game.answer()


def test_a_failure_that_nobody_waits_for_is_no_trouble(tmp_path: Path) -> None:
    game = Seated("random", tmp_path)
    game.play("C3")
    job = game.sitting.next_job(0)
    assert job is not None
    game.sitting.seat(GameTree(game.game), "white")
    game.sitting.failed(job, "it took too long")
    assert game.sitting.trouble == "" and game.sitting.their_turn()
