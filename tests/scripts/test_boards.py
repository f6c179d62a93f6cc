"""`tengen games`, `tengen show`, `tengen bench go`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.cli import main

GAME = b"(;GM[1]FF[4]SZ[9]KM[6.5]PB[Ann]BR[2d]PW[Ben]RE[B+R];B[ee];W[ed];B[dd];W[cc];B[fd];W[ii];B[ec])"


def test_games_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["games"]) == 0
    out = capsys.readouterr().out
    for word in ("tictactoe", "connect4", "go2 … go25", "tromp-taylor", "situational superko"):
        assert word in out


def test_show_prints_the_position(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "game.sgf"
    path.write_bytes(GAME)
    assert main(["show", str(path), "--move", "5"]) == 0
    out = capsys.readouterr().out
    assert "Ann [2d] (Black) – Ben (White), komi 6.5, 7 moves, result B+R" in out
    assert " 6 . . . X O(X). . . 6" in out
    assert "White E6 (1 stone): 1 liberty" in out
    assert main(["show", str(path)]) == 0
    assert "captured: 0 black, 1 white" in capsys.readouterr().out
    assert main(["show", str(path), "--move", "0"]) == 0


@pytest.mark.parametrize(
    ("data", "args", "words"),
    [
        (None, [], "cannot read"),
        (b"\x00\x01", [], "not SGF"),
        (GAME, ["--move", "8"], "has 7 moves"),
        (GAME, ["--move", "x"], "is not a whole number"),
        (b"(;SZ[9];B[ee];W[ee])", [], "move 2, White E5: the point is occupied"),
    ],
)
def test_show_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes | None, args: list[str], words: str
) -> None:
    path = tmp_path / "game.sgf"
    if data is not None:
        path.write_bytes(data)
    assert main(["show", str(path), *args]) == 2
    captured = capsys.readouterr()
    assert words in captured.err and len(captured.err.splitlines()) == 1


@pytest.mark.slow
def test_bench_go_prints_rows(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyspiel", reason="OpenSpiel is not installed")
    assert main(["bench", "go", "--quick", "--json"]) == 0
    rows = {row["what"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == {"playouts-9x9", "playouts-19x19", "superko-9x9", "encode-9x9"}
    assert rows["playouts-9x9"]["ratio"] > 3 and rows["playouts-19x19"]["ratio"] > 8
    assert rows["superko-9x9"]["ratio"] > 0.4
