"""Atomic writes: a file is complete or absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tengen.files import cache_folder, write_bytes, write_folder, write_json


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "card.json"
    write_json(path, {"mean": 1})

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tengen.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_bytes(path, b"new")
    assert path.read_text() == '{\n  "mean": 1\n}\n' and list(tmp_path.iterdir()) == [path]


def test_a_folder_takes_the_place_of_a_damaged_one(tmp_path: Path) -> None:
    path = tmp_path / "step-5"
    path.mkdir()
    (path / "half").touch()
    write_folder(path, lambda folder: (folder / "whole").write_text("1"))
    assert [file.name for file in path.iterdir()] == ["whole"]


def test_a_folder_that_cannot_be_filled_leaves_nothing(tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        (folder / "first").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "step-5", fill)
    assert list(tmp_path.iterdir()) == []


def test_the_cache_goes_where_the_system_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder("data") == tmp_path / "tengen" / "data"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("data") == tmp_path / ".cache" / "tengen" / "data"
