"""Untrusted image archives: damaged or oversized files are counted, and the rest is used for training."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from supervised.data import folders
from tengen.errors import UserError


def picture(shade: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((8, 8, 3), shade, np.uint8)).save(stream, "PNG")
    return stream.getvalue()


GOOD = {f"{split}/{label}/{i}.png": picture(40 * i) for split in ("train", "test") for label in "ab" for i in range(3)}


def zipped(path: Path, more: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (GOOD | more).items():
            archive.writestr(name, data)


def spoil(path: Path, find: bytes, put: bytes) -> None:
    data = path.read_bytes()
    assert find in data
    path.write_bytes(data.replace(find, put))


def corrupt_member(path: Path) -> None:
    zipped(path, {})
    first = path.read_bytes().index(b"train/a/0.png") + 20
    data = bytearray(path.read_bytes())
    data[first : first + 20] = b"\xff" * 20
    path.write_bytes(data)


def of_another_version(path: Path) -> None:
    zipped(path, {})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 6] = 99  # version needed to extract the first member
    path.write_bytes(data)


DAMAGE: dict[str, Callable[[Path], None]] = {
    "a corrupt member": corrupt_member,
    "a bomb": lambda path: zipped(path, {"train/a/bomb.png": b"\0" * (17 << 20)}),
    "no picture": lambda path: zipped(path, {"train/a/text.png": b"hello"}),
    "huge sides": lambda path: zipped(path, {"train/a/huge.png": huge()}),
    "out of the folder": lambda path: zipped(path, {"../../train/a/x.png": picture(1)}),
}


def huge() -> bytes:
    stream = io.BytesIO()
    Image.new("1", (5_000, 5_000)).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_wrong_in_an_archive_is_counted_and_the_rest_read(
    damage: Callable[[Path], None], tmp_path: Path
) -> None:
    said: list[str] = []
    damage(tmp_path / "pictures.zip")
    train, test, classes = folders.read(tmp_path / "pictures.zip", tmp_path / "cache", said.append)
    assert classes == ("a", "b") and len(test[0]) == 6 and 5 <= len(train[0]) <= 7
    assert said or len(train[0]) == 7
    assert {p.name for p in tmp_path.iterdir()} == {"pictures.zip", "cache"}


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar.xz", "a.7z"])
@pytest.mark.parametrize("data", [b"", b"abc", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xfd7zXZ\0\0"])
def test_a_damaged_archive_beside_good_pictures_stops_nothing(name: str, data: bytes, tmp_path: Path) -> None:
    said: list[str] = []
    with tarfile.open(tmp_path / "good.tar", "w") as archive:
        for member, content in GOOD.items():
            info = tarfile.TarInfo(member)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    (tmp_path / name).write_bytes(data)
    train, _, _ = folders.read(tmp_path, tmp_path.parent / f"{tmp_path.name}-cache", said.append)
    assert len(train[0]) == 6 and (len(said) == 1 or data == b"")


def test_pipes_devices_and_versions(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pictures.zip")
    for place in (tmp_path / "pictures.zip", Path("/dev/zero")):
        with pytest.raises(UserError, match="a pipe or a device"):
            folders.read(place, tmp_path / "cache", print)
    of_another_version(tmp_path / "other.zip")
    with pytest.raises(UserError, match="expected train/CLASS"):
        folders.read(tmp_path / "other.zip", tmp_path / "cache", print)


@pytest.mark.parametrize("damage", ["labels", "cut", "about", "shape"])
def test_a_damaged_cache_is_one_line(damage: str, tmp_path: Path) -> None:
    zipped(tmp_path / "pictures.zip", {})
    folders.read(tmp_path / "pictures.zip", tmp_path / "cache", print)
    (folder,) = (tmp_path / "cache").iterdir()
    if damage == "labels":
        np.save(folder / "train-labels.npy", np.full(6, 9))
    elif damage == "shape":
        np.save(folder / "train-pictures.npy", np.zeros((6, 8), np.uint8))
    elif damage == "cut":
        (folder / "test-pictures.npy").write_bytes((folder / "test-pictures.npy").read_bytes()[:100])
    else:
        (folder / "about.json").write_text("[]")
    with pytest.raises(UserError, match="are damaged .* remove the folder"):
        folders.read(tmp_path / "pictures.zip", tmp_path / "cache", print)


def tarred(path: Path, content: dict[str, bytes]) -> None:
    with tarfile.open(path, "w") as archive:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def test_an_archive_that_is_cut_off_says_how_much_was_read(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "set").mkdir()
    tarred(tmp_path / "set" / "good.tar", GOOD)
    tarred(tmp_path / "set" / "more.tar", {f"train/a/{i}.png": picture(i) for i in range(9)})
    whole = (tmp_path / "set" / "more.tar").read_bytes()
    (tmp_path / "set" / "more.tar").write_bytes(whole[: 1024 * 5 + 600])
    folders.read(tmp_path / "set", tmp_path / "cache", said.append)
    assert len(said) == 1 and "left out 1 of 19 files: more.tar is cut off or damaged after 6 pictures" in said[0]
    folders.read(tmp_path / "set", tmp_path / "cache", said.append)
    assert said[1:] == said[:1], "also where they were decoded before"


def test_where_nearly_everything_is_missing_nothing_is_learned(tmp_path: Path) -> None:
    zipped(tmp_path / "pictures.zip", {f"train/a/bad{i}.png": b"no picture" for i in range(200)})
    with pytest.raises(UserError, match=r"only 12 of 212 files can be used \(200: cannot be decoded\)"):
        folders.read(tmp_path / "pictures.zip", tmp_path / "cache", print)
