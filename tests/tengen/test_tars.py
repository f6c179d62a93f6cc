"""Tar archives made to fill memory or time."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from envs.go.archive import Report, read_records
from supervised.data import folders
from tengen import tars
from tengen.errors import UserError

PACK: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
ZEROS = 300 << 20


def tar(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize("kind", ["", *PACK])
def test_files_come_in_order(kind: str, tmp_path: Path) -> None:
    packed = tar(("a/one", b"1" * 2000), ("two", b""), ("three" * 40, b"3"))
    (tmp_path / "x").write_bytes(PACK[kind](packed) if kind else packed)
    found = [(name, content.read()) for name, content in tars.members(tmp_path / "x")]
    assert found == [("a/one", b"1" * 2000), ("two", b""), ("three" * 40, b"3")]


@pytest.fixture(scope="module", params=["bz2", "xz"])
def bomb(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hundred megabytes of zeros, in a few hundred bytes or kilobytes."""
    path: Path = tmp_path_factory.mktemp("bomb") / f"bomb.tar.{request.param}"
    info = tarfile.TarInfo("train/a/1.png")
    info.size = ZEROS
    opened = {"bz2": bz2.open, "xz": lzma.open}[request.param](path, "wb")
    with opened as out:
        out.write(info.tobuf())  # type: ignore[arg-type]
        for _ in range(ZEROS >> 20):
            out.write(bytes(1 << 20))  # type: ignore[arg-type]
    return path


def test_a_bomb_is_one_skip(bomb: Path) -> None:
    report, begun = Report(), time.monotonic()
    assert list(read_records(bomb, report)) == []
    assert list(report.skipped) == ["an archive that unpacks to far more than its own size"]
    assert time.monotonic() - begun < 20


def test_a_bomb_of_pictures_is_named(bomb: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="unpacks to far more than its own size"):
        folders.read(bomb, tmp_path, print)  # type: ignore[call-arg,arg-type]


def test_a_header_is_not_believed(tmp_path: Path) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 1 << 30
    (tmp_path / "x.tar").write_bytes(header.tobuf() + bytes(4096))
    report = Report()
    assert list(read_records(tmp_path / "x.tar", report)) == []
    assert list(report.skipped) == ["an archive that has headers that are too large"]
