"""`tengen rate`: a list with a figure, saved games, a player added later, the networks of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.cli import main
from selfplay.rating.session import BLOCK

TICTACTOE = ["--board", "tictactoe", "--simulations", "4"]


def played(out: Path) -> dict[str, int]:
    """Number of games by pair of names."""
    found = {}
    for file in out.glob("*/games.jsonl"):
        head, *rows = map(json.loads, file.read_text().splitlines())
        found[f"{head['first']} {head['second']}"] = len(rows)
    return found


def test_players_are_rated_and_a_later_one_meets_only_whom_it_must(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--board", "tictactoe", "--games", "24", "--out", str(tmp_path)]
    assert main(["rate", "random", "uct:60", *arguments, "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert [p["name"] for p in card["players"]] == ["uct:60", "random"] and card["games"] == 24
    strong, anchor = card["players"]
    assert anchor["elo"] == anchor["low"] == 0 and strong["low"] > 0 and strong["better"] > 0.99
    assert card["anchor"] == "random" and card["opening"] == 2
    assert (tmp_path / "ratings.png").stat().st_size > 5000
    before = played(tmp_path)
    assert main(["rate", "random", "uct:60", "uct:8", *arguments]) == 0
    said = capsys.readouterr()
    after = played(tmp_path)
    assert "uct:8" in said.out and "moving first is worth" in said.out
    assert sum(after.values()) == 36 and after["random uct:60"] - before["random uct:60"] <= BLOCK / 2
    assert main(["rate", "random", "uct:60", "uct:8", *arguments]) == 0  # there is nothing left to play
    assert played(tmp_path) == after and " plays " not in capsys.readouterr().err
    assert main(["rate", "random", "uct:60", *arguments, "--simulations", "9"]) == 2
    assert "holds games with other settings (simulations 200)" in capsys.readouterr().err


def test_a_round_robin(tmp_path: Path) -> None:
    arguments = ["--round-robin", "--games", "4", "--board", "tictactoe", "--out", str(tmp_path)]
    assert main(["rate", "random", "uct:5", "uct:9", *arguments]) == 0
    assert sorted(played(tmp_path).values()) == [4, 4, 4]


def test_it_ends_early_when_all_is_certain_enough(tmp_path: Path) -> None:
    arguments = ["--games", "400", "--within", "2000", "--board", "tictactoe", "--out", str(tmp_path)]
    assert main(["rate", "random", "uct:5", *arguments]) == 0
    assert list(played(tmp_path).values()) == [BLOCK]


def test_mistakes_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in [
        (["random", "random"], "each named once"),
        (["nobody"], "no run named 'nobody'"),
        (["random", "nobody"], "no run or trained network named 'nobody'"),
        (["random", "uct:5", "--games", "0"], "whole number, 1 or more"),
    ]:
        assert main(["rate", *words, *TICTACTOE, "--out", str(tmp_path / "r"), "--runs", str(tmp_path)]) == 2
        assert said in capsys.readouterr().err


@pytest.mark.slow
def test_the_networks_of_a_run_against_hours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--steps", "1200", "--net", "tower8x1", "--threads", "1", "--boards", "8", "--simulations", "4"]
    rating = [
        "--wandb",
        "off",
        "--rate-every",
        "1",
        "--rate-games",
        "2",
        "--rate-simulations",
        "2",
        "--moves-per-iteration",
        "300",
    ]
    assert main(["train", "tictactoe", *options, *rating, "--runs", str(tmp_path)]) == 0
    capsys.readouterr()
    words = ["rate", "last", "--networks", "2", "--with", "uct:20", "--games", "4", "--simulations", "2", "--json"]
    assert main([*words, "--runs", str(tmp_path)]) == 0
    card = json.loads(capsys.readouterr().out)
    hours = {Path(p["name"]).name: p["hours"] for p in card["players"]}
    assert len(hours) == 3 and hours["uct:20"] is None and card["task"] == "tictactoe" and card["games"] >= 6
    first, last = (hours[name] for name in sorted(name for name in hours if name.startswith("step-")))
    assert 0 <= first < last < 0.2
    assert len(list(tmp_path.glob("*/ratings/ratings.png"))) == 1


@pytest.mark.parametrize("player", ["random", "uct:10", "go9-policy"])
def test_a_player_alone_has_nobody_to_meet(player: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rate", player, "--runs", str(tmp_path)]) == 2
    assert "name two players or more" in capsys.readouterr().err
