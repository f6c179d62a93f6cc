"""The cache of compiled kernels: found again, and moved where the usual place cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tengen import jit

COUNT = """
import sys
from envs.boards.lines import tictactoe
game = tictactoe()
print(game.legal(game.new(1)).sum())
from envs.boards import lines
print(sum(lines._legal.stats.cache_hits.values()))
import numba
print(numba.config.CACHE_DIR)
"""


def run(**environment: str) -> tuple[int, int, Path]:
    clean = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "TMPDIR")}
    out = subprocess.run(
        [sys.executable, "-c", COUNT], env=clean | environment, capture_output=True, text=True, check=True, timeout=120
    ).stdout.split()
    return int(out[0]), int(out[1]), Path(out[2])


@pytest.mark.slow
def test_kernels_come_from_the_cache_the_second_time(tmp_path: Path) -> None:
    first = run(XDG_CACHE_HOME=str(tmp_path))
    second = run(XDG_CACHE_HOME=str(tmp_path))
    assert first[:2] == (9, 0) and second[:2] == (9, 1)
    assert first[2] == second[2] and first[2].is_relative_to(tmp_path / "tengen")
    assert (tmp_path / "tengen").stat().st_mode & 0o077 == 0, "others could plant code there"


@pytest.mark.slow
def test_the_cache_moves_where_home_cannot_be_written(tmp_path: Path) -> None:
    legal, _, folder = run(XDG_CACHE_HOME="/dev/null/nowhere", TMPDIR=str(tmp_path))
    assert legal == 9 and folder.is_relative_to(tmp_path)
    assert run(XDG_CACHE_HOME="/dev/null/nowhere", TMPDIR=str(tmp_path))[1] == 1


def test_a_folder_of_somebody_elses_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(jit.tempfile, "gettempdir", lambda: str(tmp_path / "t"))
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    monkeypatch.setattr(jit.tempfile, "mkdtemp", lambda prefix: f"/private/{prefix}")
    assert next(jit._writable("kernels")) == Path("/private/tengen-kernels-")


def test_slices_cover_all_rows() -> None:
    seen: list[tuple[int, int]] = []
    jit.spread(lambda i, j: seen.append((i, j)), 1000, 3, smallest=100)
    assert sorted(seen) == [(0, 333), (333, 666), (666, 1000)]
    seen.clear()
    jit.spread(lambda i, j: seen.append((i, j)), 150, 3, smallest=100)
    assert seen == [(0, 150)]
