"""A GTP program or a Python player at the browser board: failures and resignations."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.boards.catalogue import make_game
from envs.boards.game import WHITE
from selfplay.board.mind import Mind, Minds
from selfplay.board.sitting import Sitting
from selfplay.board.tree import GameTree
from tengen.errors import UserError
from tests.selfplay.odd_programs import odd


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
