"""A folder or an archive of pictures: train/CLASS/name.png and test/CLASS/name.png.

Decoded once and cached as arrays. Pictures that cannot be decoded, or whose size differs from the first one's, are
counted and skipped, as are damaged or oversized entries of archives (a zip bomb is not unpacked).
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
from PIL import Image, UnidentifiedImageError

from tengen import tars
from tengen.errors import UserError
from tengen.files import ARRAY_DAMAGE, write_folder
from tengen.plural import counted
from tengen.terminal import plain

SPLITS = ("train", "test")
_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
_LARGEST = 512  # pixels per side
_LARGEST_FILE = 16 << 20  # bytes in a picture's file
_MOST = 8 << 30  # bytes of decoded pixels
_DAMAGE = (
    *(OSError, EOFError, ValueError, struct.error),
    *(RuntimeError, TypeError),  # a password, an unknown version; tarfile at the end of three bytes of gzip
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError),
)

_Split = tuple[np.ndarray, np.ndarray]


def read(place: Path, cache: Path, say: Callable[[str], None]) -> tuple[_Split, _Split, tuple[str, ...]]:
    """((pictures [N, H, W, 3], labels [N]) for training, the same for testing, names of the classes)."""
    if not place.exists():
        raise UserError(f"no file or folder {place}")
    if not place.is_file() and not place.is_dir():
        raise UserError(f"cannot read pictures from {place}: it is a pipe or a device")
    files = sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]
    described = "\0".join(f"{f.resolve()} {f.stat().st_size} {f.stat().st_mtime_ns}" for f in files)
    folder = cache / hashlib.sha256(described.encode()).hexdigest()[:16]
    if not (folder / "about.json").exists():
        _decode(place, files, folder, say)
    try:
        about = json.loads((folder / "about.json").read_text())
        train, test = (
            (
                np.load(folder / f"{split}-pictures.npy", mmap_mode="r", allow_pickle=False),
                np.load(folder / f"{split}-labels.npy", allow_pickle=False),
            )
            for split in SPLITS
        )
        classes = tuple(map(str, about["classes"]))
        for pictures, labels in (train, test):
            if pictures.dtype != np.uint8 or pictures.ndim != 4 or labels.shape != pictures.shape[:1]:
                raise ValueError("unexpected arrays")
            if not len(labels) or labels.min() < 0 or labels.max() >= len(classes):
                raise ValueError("labels do not match the classes")
        left_out = {plain(str(reason)): int(number) for reason, number in dict(about["left_out"]).items()}
    except ARRAY_DAMAGE as error:
        raise UserError(f"the cached pictures in {folder} are damaged ({error}); remove the folder") from error
    files_found = len(train[0]) + len(test[0]) + sum(left_out.values())
    for reason, number in left_out.items():  # every time: the pictures may have been decoded by somebody else
        say(f"left out {number:,} of {counted(files_found, 'files')}: {reason}")
    return train, test, classes


def _decode(place: Path, files: list[Path], folder: Path, say: Callable[[str], None]) -> None:
    found: dict[str, list[tuple[str, str, np.ndarray]]] = {split: [] for split in SPLITS}
    left_out: Counter[str] = Counter()
    size: tuple[int, int] | None = None
    taken = 0
    for count, (split, label, name, data) in enumerate(_pictures(place, files, left_out), 1):
        if count % 10_000 == 0:
            say(f"decoding {place.name}: {count:,} pictures")
        try:
            with Image.open(io.BytesIO(data)) as image:
                if max(image.size) > _LARGEST:
                    left_out[f"larger than {_LARGEST} pixels"] += 1
                    continue
                pixels = np.asarray(image.convert("RGB"))
        except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError):
            left_out["cannot be decoded"] += 1
            continue
        size = size or pixels.shape[:2]
        if pixels.shape[:2] != size:
            left_out[f"not of {size[1]}x{size[0]} pixels"] += 1
            continue
        taken += pixels.nbytes
        if taken > _MOST:
            raise UserError(f"{place} has more than {_MOST >> 30} GB of pixels; use fewer or smaller pictures")
        found[split].append((label, name, pixels))
    kept, lost = sum(map(len, found.values())), left_out.total()
    if lost > 9 * kept > 0:
        reasons = "; ".join(f"{number:,}: {reason}" for reason, number in left_out.most_common(3))
        raise UserError(f"{place}: only {kept:,} of {kept + lost:,} files can be used ({reasons}); restore the others")
    classes = sorted({label for rows in found.values() for label, _, _ in rows})
    if not all(found.values()) or len(classes) < 2:
        counts = ", ".join(f"{len(rows)} in {split}/" for split, rows in found.items())
        counts += "".join(f"; left out {number:,}: {reason}" for reason, number in left_out.items())
        raise UserError(f"{place}: expected train/CLASS/*.png and test/CLASS/*.png with two classes, found {counts}")

    def fill(temporary: Path) -> None:
        for split, rows in found.items():
            rows.sort(key=lambda row: row[:2])
            np.save(temporary / f"{split}-pictures.npy", np.stack([pixels for _, _, pixels in rows]))
            np.save(temporary / f"{split}-labels.npy", np.array([classes.index(label) for label, _, _ in rows]))
        (temporary / "about.json").write_text(json.dumps({"classes": classes, "left_out": dict(left_out)}))

    folder.parent.mkdir(parents=True, exist_ok=True)
    write_folder(folder, fill)


def _pictures(place: Path, files: list[Path], left_out: Counter[str]) -> Iterator[tuple[str, str, str, bytes]]:
    """(split, class, name, bytes) of each picture, also in archives; unreadable ones are counted in `left_out`."""
    for file in files:
        lower, read = file.name.lower(), 0
        try:
            if ".tar" in lower or lower.endswith(".tgz"):
                for one in _tar(file, left_out):
                    read += 1
                    yield one
            elif lower.endswith(".zip"):
                yield from _zip(file, left_out)
            elif lower.endswith(".7z"):
                left_out["a 7z archive: unpack it, or make a zip of it"] += 1
            elif place.is_dir() and (where := _place(file.relative_to(place).as_posix())):
                with file.open("rb") as stream:
                    yield from _one(stream, where, file.name, left_out)
        except tars.TooLarge as error:
            left_out[f"{plain(file.name)} {error}"] += 1
        except _DAMAGE as error:
            after = f" after {read:,} pictures, what follows is missing" if read else ""
            left_out[f"{plain(file.name)} is cut off or damaged{after} ({type(error).__name__})"] += 1


def _tar(file: Path, left_out: Counter[str]) -> Iterator[tuple[str, str, str, bytes]]:
    for name, stream in tars.members(file):
        if where := _place(name):
            yield from _one(stream, where, name, left_out)


def _zip(file: Path, left_out: Counter[str]) -> Iterator[tuple[str, str, str, bytes]]:
    with zipfile.ZipFile(file) as packed:
        for info in packed.infolist():
            if where := _place(info.filename):
                try:
                    with packed.open(info) as stream:
                        yield from _one(stream, where, info.filename, left_out)
                except _DAMAGE as error:
                    left_out[f"damaged: {type(error).__name__}"] += 1


def _one(
    stream: IO[bytes], where: tuple[str, str], name: str, left_out: Counter[str]
) -> Iterator[tuple[str, str, str, bytes]]:
    data = stream.read(_LARGEST_FILE + 1)
    if len(data) > _LARGEST_FILE:
        left_out[f"larger than {_LARGEST_FILE >> 20} MB"] += 1
        return
    yield *where, name, data


def _place(name: str) -> tuple[str, str] | None:
    """(split, class) from a picture's path; None for anything else."""
    parts = PurePosixPath(name).parts
    if len(parts) < 3 or parts[-3] not in SPLITS or not parts[-1].lower().endswith(_ENDINGS):
        return None
    return parts[-3], parts[-2]
