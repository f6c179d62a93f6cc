"""The options of `tengen play`: mistakes are refused at once, before anything is loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from selfplay.board.options import BoardOptions, check, points
from tengen.errors import UserError

_MISTAKES = [
    ["--you", "me"],
    ["--board", "chess"],
    ["--board", "go99"],
    ["--rules", "nope"],
    ["--komi", "0.3"],
    ["--komi", "1e9"],
    ["--board", "connect4", "--komi", "3"],
    ["--board", "connect4", "--rules", "japanese"],
]
_PROGRAM = """
import sys
from scripts.cli import main
for mistake in MISTAKES:
    assert main(["play", "random", "--no-open", *mistake]) == 2, mistake
print([name for name in ("torch", "numba", "nicegui") if name in sys.modules])
"""


def test_mistakes_are_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    program = _PROGRAM.replace("MISTAKES", repr(_MISTAKES))
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.stdout == "[]\n", done.stdout + done.stderr  # no "loading …", and nothing heavy was imported
    assert len(done.stderr.splitlines()) == len(_MISTAKES)


def test_an_address_that_cannot_be_used_is_refused_before_the_player_is_loaded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("nicegui")
    from selfplay.board.app import serve

    with pytest.raises(UserError, match="not an address of this machine"):
        serve(BoardOptions("random", "tictactoe"), "192.0.2.1", 8400)
    assert capsys.readouterr().out == ""


def test_good_options_pass() -> None:
    for options in (BoardOptions(""), BoardOptions("uct", "connect4"), BoardOptions("", "go19", "japanese", 0.5)):
        check(options)
    assert points("-3.5") == -3.5 and points("") is None
