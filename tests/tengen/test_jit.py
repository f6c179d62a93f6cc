"""The cache of compiled kernels: reused, and moved if the usual folder is not writable."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numba
import pytest

from tengen import jit, kernel_cache
from tests.long import takes_long

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
    """(legal moves, kernels loaded from the cache, its folder); with SAID, the output must contain that."""
    clean = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "TMPDIR")}
    done = subprocess.run(
        [sys.executable, "-c", COUNT], env=clean | environment, capture_output=True, text=True, check=True, timeout=300
    )
    said = environment.get("SAID")
    assert said in done.stderr and done.stderr.count("\n") == 1 if said else done.stderr == ""
    out = done.stdout.split()
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


@takes_long
def test_a_pickle_that_somebody_planted_is_not_loaded(tmp_path: Path) -> None:
    run(XDG_CACHE_HOME=str(tmp_path))
    for path in [p for p in tmp_path.rglob("lines._legal*") if p.suffix in (".nbi", ".nbc")]:
        path.write_bytes(b"cos\nsystem\n(S'touch " + str(tmp_path / "planted").encode() + b"'\ntR.")
    assert run(XDG_CACHE_HOME=str(tmp_path), SAID="are compiled anew")[:2] == (9, 0)
    assert not (tmp_path / "planted").exists()
    assert run(XDG_CACHE_HOME=str(tmp_path))[:2] == (9, 1), "it was not put right"


def links(path: Path) -> None:
    path.rename(path.with_suffix(".elsewhere"))
    path.symlink_to(path.with_suffix(".elsewhere"))


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-3]),
    "empty": lambda path: path.write_bytes(b""),
    "flipped": lambda path: path.write_bytes(path.read_bytes()[:-3] + b"xyz"),
    "another's": lambda path: path.chmod(0o666),
    "a link": links,
    "a pipe": a_pipe,
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


def test_what_another_numba_wrote_is_never_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        """Stands for something that the next version of numba no longer has."""

        def __reduce__(self) -> tuple[object, tuple[str]]:
            return int, ("no number",)  # ValueError when unpickled

    kernel_cache.Summed(str(tmp_path), "f", 1.0).save(Gone(), ["machine code"])
    with pytest.raises(ValueError, match="no number"):
        kernel_cache.Summed(str(tmp_path), "f", 1.0).load("key")
    monkeypatch.setattr(numba, "__version__", "1000.0")
    assert kernel_cache.Summed(str(tmp_path), "f", 1.0).load("key") is None


@pytest.mark.parametrize("name", ["nbi", "1.nbc"])
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_passed_over_and_said(
    damage: Callable[[Path], object], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = kernel_cache.Summed(str(tmp_path), "f", 1.0)
    kept.save("key", ["machine code"])
    assert kept.load("key") == ["machine code"] and kept.load("other") is None
    assert kernel_cache.Summed(str(tmp_path), "f", 2.0).load("key") is None  # compiled from another source
    assert capsys.readouterr().err == ""
    damage(tmp_path / f"f.{numba.__version__}.summed.{name}")
    assert kept.load("key") is None and kept.load("key") is None
    assert capsys.readouterr().err.count("compiled anew\n") == 1
    kept.save("key", ["machine code"])
    assert kept.load("key") == ["machine code"] or damage is DAMAGE["a folder"]


def test_a_folder_of_somebody_elses_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kernel_cache.tempfile, "gettempdir", lambda: str(tmp_path / "t"))
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    monkeypatch.setattr(kernel_cache.tempfile, "mkdtemp", lambda prefix: f"/private/{prefix}")
    monkeypatch.setattr(kernel_cache, "_told", set())
    for _ in range(2):
        assert next(kernel_cache.folders("kernels")) == Path("/private/tengen-kernels-")
    said = capsys.readouterr().err
    assert (
        said.count("\n") == 1 and f"{tmp_path / 'tengen'} is somebody else's" in said and "set XDG_CACHE_HOME" in said
    )


def test_a_folder_that_others_can_replace_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    monkeypatch.setattr(kernel_cache.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    assert next(kernel_cache.folders("kernels")) == home / "tengen" / "kernels"
    (home / "tengen").chmod(0o777)
    assert next(kernel_cache.folders("kernels")) == home / "tengen" / "kernels"
    assert (home / "tengen").stat().st_mode & 0o022 == 0, "it is ours, and closed to others from now on"
    home.chmod(0o777)
    assert next(kernel_cache.folders("kernels")).is_relative_to(tmp_path / "temporary")


def test_slices_cover_all_rows() -> None:
    seen: list[tuple[int, int]] = []
    jit.spread(lambda i, j: seen.append((i, j)), 1000, 3, smallest=100)
    assert sorted(seen) == [(0, 333), (333, 666), (666, 1000)]
    seen.clear()
    jit.spread(lambda i, j: seen.append((i, j)), 150, 3, smallest=100)
    assert seen == [(0, 150)]
