"""Invalid option values give one line that names the value and what to use instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.cli import main

MANY = "9" * 400
LONG = "a" * 300


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["train", "corridor", "--seed", MANY], "too large"),
        (["train", "corridor", "--seed", str(2**64)], "too large"),
        (["train", "corridor", "--threads", "1000000000"], "from 0 to 1024"),
        (["train", "corridor", "--device", "cpu:foo"], "no device named 'cpu:foo'"),
        (["train", "corridor", "--lr", "1e308"], "too large"),
        (["train", "digits", "--epochs", "1e308"], "too large"),
        (["train", "digits", "--net", "tower0x0"], "no network named 'tower0x0'"),
        (["train", ""], "the task's name is empty"),
        (["eval", LONG], "at most 255 bytes"),
        (["watch", LONG], "at most 255 bytes"),
        (["plot", LONG], "at most 255 bytes"),
        (["resume", LONG], "at most 255 bytes"),
        (["show", LONG], "at most 255 bytes"),
        (["eval", "go9-policy", "--records", LONG], "at most 255 bytes"),
        (["train", "digits", f"--runs={LONG}"], "at most 255 bytes"),
        (["match", "uct:²", "random", "--board", "tictactoe"], "whole number from 1 to 1,000,000"),
        (["match", f"uct:{MANY}", "random", "--board", "tictactoe"], "whole number from 1 to 1,000,000"),
        (["match", "uct:1000000", "random", "--board", "go19", "--games", "512", "--boards", "512"], "GB of memory"),
        (["match", "random", "random", "--board", "go9", "--komi", "1e15"], "up to 1000"),
    ],
)
def test_one_line_and_the_way_out(
    typed: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        status = main(typed)
    except SystemExit as stop:
        status = int(stop.code or 0)
    error = capsys.readouterr().err
    assert status == 2 and said in error and error.count("\n") == 1 and len(error) < 500
    assert list(tmp_path.iterdir()) == [], "nothing was written"
