"""Tables lose no content, however narrow the terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from envs.boards.catalogue import describe_games
from envs.go.rules import describe_rules
from tengen.card import headline
from tengen.checkpoint import write_checkpoint
from tengen.listing import print_runs, print_zoo
from tengen.run import Run
from tengen.tables import print_table
from tengen.zoo import zoo_cards


def printed(capsys: pytest.CaptureFixture[str], width: int) -> str:
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= width
    return out


def whole(text: str) -> str:
    """`text` without its column and line layout."""
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("width", [80, 60])
def test_the_zoo_in_a_narrow_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    print_zoo()
    out = whole(printed(capsys, width))
    assert "…" not in out
    assert len(zoo_cards()) >= 6
    for name, card in zoo_cards().items():
        found = headline(card)
        steps = f"steps {card['steps']:,}"
        said = (f"{name} task", f"agent {card['agent']}", steps, f"protocol {card['protocol']}", found.interval)
        assert all(part in out for part in (*said, f"result {found.result}", f"measured on {found.measured_on}"))


@pytest.mark.parametrize("width", [80, 60, 40])
def test_words_stay_whole(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    for head, *rows in (describe_games(), describe_rules()):
        print_table(head, rows, width=width)
        out = printed(capsys, width)
        words = {word for cells in (head[1:], *rows) for cell in cells for word in cell.split()}
        assert words <= set(out.split())


def test_wide_enough_it_has_a_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "n"), [("a b", "1"), ("c", "1,000")], right=("n",), width=20)
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [
        "name      n",
        "a b       1",
        "c     1,000",
    ]


def test_texts_wrap_and_numbers_do_not(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "interval"), [("three short words", "[1.25, 3.75]")], width=21)
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [
        "name     interval",
        "three    [1.25, 3.75]",
        "short",
        "words",
    ]


def test_a_pipe_has_no_width(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    print_table(("name", "text"), [("x" * 70, "y " * 70), ("short",)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and "x" * 70 + "  y y" in lines[1] and lines[2].strip() == "short"


def test_runs_in_a_narrow_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "connect4-alphazero-20261126-142555-s12"
    config = {"task": "connect4", "agent": "alphazero", "kind": "selfplay", "settings": {"steps": 1_000_000}}
    run = Run.create(tmp_path, name, config, {})
    write_checkpoint(run.checkpoint_folder, 512_000, {"x": 1})
    Run.create(tmp_path, "broken", {}, {})
    monkeypatch.setenv("COLUMNS", "60")
    assert print_runs(tmp_path) and not print_runs(tmp_path / "none")
    out = whole(printed(capsys, 60))
    assert f"{name} task connect4 agent alphazero steps 512,000 of 1,000,000 score -" in out
    assert "broken task damaged config.yaml" in out
