"""Players by name: each kind is made from its line in the catalogue, and only some start programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.alphazero.config import Config
from envs.boards.catalogue import make_game
from selfplay.players import gtp
from selfplay.players.catalogue import KINDS, Kind, described, make_player, starts_program
from selfplay.players.random import Random
from tengen.config import from_dict
from tengen.errors import UserError

NOWHERE = Path("nowhere")


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("gtp:gnugo --mode gtp", True),
        (" gtp:gnugo", True),
        ("GTP:gnugo", True),
        ("\tGtp :gnugo", True),
        ("gtp", True),
        ("random", False),
        ("uct:1000", False),
        ("policy:gtp:gnugo", False),
        ("runs/gtp-run:400", False),
        ("go9-alphazero", False),
    ],
)
def test_names_that_start_programs(name: str, starts: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """`starts_program` is right for every spelling of a name: it is true exactly if a program is started."""
    assert starts_program(name) == starts
    started: list[str] = []

    class Program:
        def __init__(self, command: str, timeout: float) -> None:
            started.append(command)

        def ask(self, command: str) -> str:
            return ""

    monkeypatch.setattr(gtp, "GtpProgram", Program)
    try:
        make_player(name, make_game("go5"), 1, 4, 1, NOWHERE)
    except UserError:
        assert not starts  # a network that does not exist
    assert bool(started) == starts


def test_a_kind_more_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "luck", Kind("selfplay.players.random:from_name", "luck", "another name for chance"))
    player = make_player("luck", make_game("tictactoe"), 1, 4, 1, NOWHERE)
    assert isinstance(player, Random) and "luck (another name for chance)" in described()
    with pytest.raises(UserError, match="without anything after it"):
        make_player("random:5", make_game("tictactoe"), 1, 4, 1, NOWHERE)
    with pytest.raises(UserError, match="from 1 to 1,000,000"):
        make_player("uct:0", make_game("tictactoe"), 1, 4, 1, NOWHERE)


def test_configurations_of_the_version_before_are_understood() -> None:
    former = {"full_share": 0.5, "considered": 7, "positions_per_turn": 64, "remembered": 9}
    config = from_dict(Config, former)
    assert (config.full_search_fraction, config.max_considered_actions) == (0.5, 7)
    assert (config.moves_per_iteration, config.evaluation_cache) == (64, 9)


def test_a_program_that_speaks_no_gtp_is_one_line() -> None:
    game = make_game("go5")
    with pytest.raises(UserError, match=r"gtp:true does not speak GTP .* gnugo --mode gtp"):
        make_player("gtp:true", game, 2, 1, 1, Path("runs"))
