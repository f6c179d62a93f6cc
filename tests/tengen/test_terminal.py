"""Untrusted text cannot affect the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tengen.tables import print_table
from tengen.terminal import plain

ROOT = Path(__file__).resolve().parent.parent.parent


def test_control_characters_are_written_out() -> None:
    assert plain("a\x1b[2J\n\tb\x07\x9b") == "a\\x1b[2J\n\tb\\x07\\x9b"
    assert plain("left\u202eright \ud800") == "left\\u202eright \\ud800"
    assert plain("Grüße, 囲碁, 1\xa0000") == "Grüße, 囲碁, 1\xa0000"


def test_a_table_and_a_record_keep_to_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from scripts.cli import main

    print_table(("run",), [["\x1b]0;title\x07[red]x\n"]])
    record = tmp_path / "game.sgf"
    record.write_text("(;GM[1]SZ[9]PB[\x1b[31mred]PW[w\u202e];B[ee]C[\x1b[2J])")
    assert main(["show", str(record)]) == 0
    assert main(["show", str(tmp_path / "\x1b[2Jnone.sgf")]) == 2
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err and "[red]x" in captured.out


@pytest.mark.parametrize("command", ["games", "papers"])
def test_a_terminal_of_ascii_is_enough(command: str) -> None:
    ascii_only = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.cli", command], env=ascii_only, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"") and done.stdout.isascii() and b"?" in done.stdout
