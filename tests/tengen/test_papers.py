"""The reading list: every row refers to something that exists, and every catalogued system has a row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.cli import COMMANDS, main
from supervised.systems.catalogue import ROOMS, all_systems
from tengen.options import Parser
from tengen.papers import Paper, reading_list
from tengen.typed import read_training

ROOT = Path(__file__).resolve().parent.parent.parent
THEMES = {
    "networks and their training",
    "pictures",
    "classical learning",
    "sequences",
    "generative models",
    "reinforcement learning",
    "search and games",
}


@pytest.mark.parametrize("row", reading_list(), ids=lambda row: row.name)
def test_a_row_is_complete(row: Paper) -> None:
    assert (ROOT / row.file).exists() and (ROOT / row.page).is_file()
    assert row.theme in THEMES and str(row.year) in row.paper
    assert len(row.says.strip().splitlines()) == 5 and max(map(len, row.says.splitlines())) <= 110
    assert row.idea and row.exercise and not row.idea.endswith(".")
    words = row.command.split(" && ")[0].replace('"', "").split()
    if words[:2] == ["tengen", "train"]:  # check that its options exist
        read_training(Parser("tengen train"), words[2:])
    else:
        assert words[0] == "python" or (words[0] == "tengen" and words[1] in COMMANDS)


def test_names_are_unique_and_every_system_has_a_row() -> None:
    names = [row.name for row in reading_list()]
    assert len(names) == len(set(names))
    assert {system.paper or system.name for system in all_systems()} <= set(names)


def test_a_row_says_how_long_its_command_takes_where_that_was_measured() -> None:
    measured = {}
    for path in (ROOT / "docs" / "results").glob("*/*/card.json"):
        card = json.loads(path.read_text())
        measured[card.get("task"), card.get("agent"), card.get("steps")] = card.get("minutes")
    told = 0
    for row in reading_list():
        words = row.command.split(" && ")[0].split()
        if words[:2] != ["tengen", "train"]:
            continue
        training = read_training(Parser("tengen train"), words[2:]).training
        minutes = measured.get((training.task, training.agent, getattr(training.settings, "steps", None)))
        if minutes is not None:
            assert row.takes.startswith(f"{minutes:.0f} minute{'s' * (round(minutes) != 1)} "), row.name
            assert f"takes       {row.takes}" in row.describe()
            told += 1
    assert told >= 6


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["papers", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    keys = ["name", "paper", "year", "theme", "level", "file", "page", "command", "result", "published"]
    assert all(list(row) == keys for row in rows) and len(rows) == len(reading_list())
    assert main(["papers", "lenet"]) == 0
    shown = capsys.readouterr().out
    assert "supervised/nets/lenet.py" in shown and "99.05 %" in shown and "tengen train mnist --net lenet" in shown
    assert main(["papers", "--theme", "pictures"]) == 0
    assert "resnet" in (shown := capsys.readouterr().out) and "adam" not in shown
    assert main(["papers", "lenett"]) == 2
    assert "did you mean lenet" in capsys.readouterr().err


@pytest.mark.parametrize("width", [80, 100])
def test_the_list_fits_a_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["papers"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= width and "…" not in out
    words = {word for row in reading_list() for text in (row.name, row.idea, row.result) for word in text.split()}
    assert words <= set(out.split())
    first = out[: out.index("\n\n")]  # no published figure for its papers
    assert first.startswith("NETWORKS") and "published" not in first and "published" in out


def test_a_system_is_short_files() -> None:
    """At most 150 lines each: the files of the rows in these themes, and all others in the rooms of the systems."""
    themes = ("sequences", "generative models", "classical learning")
    files = {ROOT / row.file for row in reading_list() if row.theme in themes}
    for room in ROOMS:
        files |= set((ROOT / room.replace(".", "/")).rglob("*.py"))
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in files}
    assert len(lengths) > 100
    assert {file: count for file, count in lengths.items() if count > 150} == {}
