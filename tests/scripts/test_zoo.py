"""Adding a trained agent to the zoo: its card is measured on the network as shipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.cli import main


def test_an_agent_is_shipped_and_can_be_evaluated_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tengen.zoo.ZOO", tmp_path / "zoo")
    assert main(["zoo", "--add", "last", "--name", "catcher"]) == 2 and "no runs in runs" in capsys.readouterr().err
    assert main(["train", "catch", "--steps", "2000", "--wandb", "off", "--threads", "1", "--final-games", "0"]) == 0
    assert main(["zoo", "--add", "last", "--name", "catcher", "--games", "12"]) == 0
    assert "catcher" in capsys.readouterr().out
    card = json.loads((tmp_path / "zoo" / "catcher" / "card.json").read_text())
    assert card["task"] == "catch" and card["episodes"] == 12 and card["steps"] >= 2000
    assert "trained_with" in card
    assert main(["eval", "catcher", "--episodes", "12", "--seed", "1000", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again == {key: card[key] for key in again}, "what is evaluated is what was shipped"
    assert -1 < card["mean"] < 1, "half trained: games differ, so that equal cards mean equal play"


def test_a_card_says_what_the_network_began_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tengen.zoo.ZOO", tmp_path / "zoo")
    command = ["train", "catch", "--steps", "600", "--wandb", "off", "--threads", "1", "--final-games", "0"]
    cards = []
    for trunk in ("", "first", "last"):  # from scratch, from the zoo, from a run
        assert main([*command, *(["--trunk", trunk, "--keep-heads"] if trunk else [])]) == 0
        name = ("first", "second", "third")[len(cards)]
        assert main(["zoo", "--add", "last", "--name", name, "--games", "2"]) == 0
        cards.append(json.loads((tmp_path / "zoo" / name / "card.json").read_text()))
    first, second, third = cards
    assert "began_from" not in first
    known = {"network": "first"} | {what: first[what] for what in ("task", "steps", "trained_with")}
    known["fingerprint"] = second["began_from"]["fingerprint"]  # of the weights at that time
    assert known["fingerprint"] != third["began_from"]["fingerprint"]
    assert second["began_from"] == known
    assert third["began_from"]["began_from"] == known and third["began_from"]["network"].startswith("catch-")
    assert third["began_from"]["trained_with"] == second["trained_with"]
