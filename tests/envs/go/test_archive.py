"""Untrusted archives: damaged or oversized files are counted, and pipes never block."""

from __future__ import annotations

import io
import os
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from envs.go import archive
from envs.go.archive import Report, read_records
from envs.go.show import show
from tengen.errors import UserError

GAME = b"(;GM[1]SZ[9];B[ee];W[cc])"


def zipped(content: bytes, name: str = "a.sgf") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return made.getvalue()


def of_another_version() -> bytes:
    data = bytearray(zipped(GAME))
    data[data.find(b"PK\x01\x02") + 6] = 99
    return bytes(data)


def tarred(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as file:
        about = tarfile.TarInfo(name)
        about.size = len(content)
        file.addfile(about, io.BytesIO(content))
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.tar.gz", b"abc", "damaged archive: ReadError"),
        ("a.tar.gz", b"\x1f\x8b\x08", "damaged archive: EOFError"),
        ("a.zip", b"PK\x03\x04xx", "damaged archive: BadZipFile"),
        ("a.zip", of_another_version(), "damaged archive: NotImplementedError"),
        ("a.zip", zipped(b"(" * 20_000_000), "too large for a game"),
        ("a.tar.gz", tarred("a.sgf", b"(" * 5_000_000), "too large for a game"),
        ("a.tar.gz", tarred("Kifu.index", b"x" * 5_000_000), "damaged archive: ValueError"),
        ("a.sgf", b"(;GM[1]SZ[9]HA[99999];B[ee])", "handicap 99999 on 9x9"),
        ("a.sgf", b"(;GM[1]SZ[9]HA[-1];B[ee])", "handicap -1 on 9x9"),
        ("a.sgf", b"(;GM[1]SZ[9]AB[aa:zz];B[ee])", "a set-up stone is not on the board (node 0)"),
        ("a.RAR", b"Rar!", "an archive of a kind that is not read: unpack it, or make a zip of it"),
    ],
)
def test_what_cannot_be_read_is_counted_and_the_rest_is_read(
    name: str, content: bytes, reason: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "good.zip").write_bytes(zipped(GAME))
    report = Report()
    assert len(list(read_records(tmp_path, report))) == 1 and dict(report.skipped) == {reason: 1}


def test_a_7z_without_py7zr_is_one_skip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py7zr", None)
    (tmp_path / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1c")
    (tmp_path / "b.sgf").write_bytes(GAME)
    report = Report()
    assert len(list(read_records(tmp_path, report))) == 1
    assert list(report.skipped) == ["7z archives need py7zr: pip install py7zr"]


def test_a_bomb_is_not_unpacked_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    py7zr = pytest.importorskip("py7zr")
    with py7zr.SevenZipFile(tmp_path / "a.7z", "w") as file:
        file.writestr("(" * 10_000_000, "large.sgf")
        file.writestr(GAME.decode(), "small.sgf")
    report = Report()
    assert len(list(read_records(tmp_path / "a.7z", report))) == 1 and dict(report.skipped) == {
        "too large for a game": 1
    }
    monkeypatch.setattr(archive, "_MOST_UNPACKED", 10)
    assert list(read_records(tmp_path / "a.7z", report)) == []
    with py7zr.SevenZipFile(tmp_path / "b.7z", "w", password="secret", header_encryption=True) as file:
        file.writestr(GAME.decode(), "a.sgf")
    assert list(read_records(tmp_path / "b.7z", report)) == [] and len(report.skipped) == 3


@pytest.mark.parametrize("read", [lambda path: list(read_records(path)), lambda path: show(path, None)])
def test_pipes_and_devices_are_refused(read: object, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.sgf")
    for path in (tmp_path / "pipe.sgf", Path("/dev/zero")):
        with pytest.raises(UserError, match="cannot read"):
            read(path)  # type: ignore[operator]
