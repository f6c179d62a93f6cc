"""Streams game records one at a time from folders, zip, tar (gz, xz, bz2), 7z and single files.

A damaged file never stops the rest: the `Report` counts it, with the reason.

    report = Report()
    for record in read_records(Path("games.tar.xz"), report): …
    print(report)
"""

from __future__ import annotations

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from envs.go.sgf import LARGEST, BadRecord, GoRecord, parse_result, read_line, read_sgf
from tengen import tars
from tengen.errors import UserError

_MOST_INDEX = 256 << 20  # bytes in an index of one-line games
_MOST_UNPACKED = 1 << 30  # bytes a 7z archive may take on disk
_DAMAGE = (
    *(OSError, EOFError, ValueError, struct.error),
    *(RuntimeError, TypeError),  # a password, an unknown version; tarfile on a gzip file of three bytes
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError),
)
_TARS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2")
_OTHERS = (".rar", ".zst", ".lzh", ".arj", ".gz", ".xz", ".bz2")


@dataclass
class Report:
    """How many games were read, and how many files were skipped and why."""

    read: int = 0
    skipped: Counter[str] = field(default_factory=Counter)  # reason -> files
    examples: dict[str, str] = field(default_factory=dict)  # reason -> an example file

    def skip(self, reason: str, name: str) -> None:
        self.skipped[reason] += 1
        self.examples.setdefault(reason, name)

    def __str__(self) -> str:
        lines = [f"{self.read:,} games read, {sum(self.skipped.values()):,} left out"]
        lines += [
            f"  {n:,}: {reason} (for example {self.examples[reason]})" for reason, n in self.skipped.most_common()
        ]
        return "\n".join(lines)


def read_records(path: Path, report: Report | None = None) -> Iterator[GoRecord]:
    """All games below `path`, in order of file name (within an archive: in stored order)."""
    report = report if report is not None else Report()
    if not path.exists():
        raise UserError(f"no file or folder {path}")
    if not path.is_file() and not path.is_dir():
        raise UserError(f"cannot read games from {path}: it is a pipe or a device")
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        for record in _read_file(file, report):
            report.read += 1
            yield record


def _read_file(path: Path, report: Report) -> Iterator[GoRecord]:
    name = path.name.lower()
    try:
        if name.endswith(".sgf"):
            with path.open("rb") as stream:
                yield from _one(stream, str(path), report)
        elif name.endswith(_TARS):
            yield from _tar(path, report)
        elif name.endswith(".zip"):
            yield from _zip(path, report)
        elif name.endswith(".7z"):
            yield from _seven_zip(path, report)
        elif name.endswith(_OTHERS):
            report.skip("an archive of a kind that is not read: unpack it, or make a zip of it", str(path))
    except tars.TooLarge as error:
        report.skip(f"an archive that {error}", str(path))
    except _DAMAGE as error:
        report.skip(f"damaged archive: {type(error).__name__}", str(path))


def _one(stream: IO[bytes], name: str, report: Report) -> Iterator[GoRecord]:
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        report.skip("too large for a game", name)
        return
    try:
        record = read_sgf(data, name)
    except BadRecord as error:
        report.skip(str(error), name)
        return
    yield record


def _tar(path: Path, report: Report) -> Iterator[GoRecord]:
    index: dict[str, list[str]] = {}
    for inside, stream in tars.members(path):
        name = f"{path.name}/{inside}"
        if inside.lower().endswith(".sgf"):
            yield from _one(stream, name, report)
        elif inside.endswith("Kifu.index"):
            index = _line_index(stream)
        elif index:
            yield from _lines(stream, name, index, report)


def _zip(path: Path, report: Report) -> Iterator[GoRecord]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.filename.lower().endswith(".sgf"):
                try:
                    with archive.open(info) as stream:
                        yield from _one(stream, f"{path.name}/{info.filename}", report)
                except _DAMAGE as error:
                    report.skip(f"damaged member: {type(error).__name__}", info.filename)


def _seven_zip(path: Path, report: Report) -> Iterator[GoRecord]:
    try:
        import py7zr
    except ImportError:
        report.skip("7z archives need py7zr: pip install py7zr", str(path))
        return
    import tempfile

    try:
        with tempfile.TemporaryDirectory(prefix="tengen-7z-") as folder:
            with py7zr.SevenZipFile(path) as archive:
                games = [info for info in archive.list() if info.filename.lower().endswith(".sgf")]
                sizes = {info.filename: info.uncompressed or 0 for info in games}
                names = [name for name, size in sizes.items() if size <= LARGEST]
                if sum(sizes[name] for name in names) > _MOST_UNPACKED:
                    report.skip(f"unpacks to more than {_MOST_UNPACKED >> 30} GB", str(path))
                    return
                for name in (name for name, size in sizes.items() if size > LARGEST):
                    report.skip("too large for a game", f"{path.name}/{name}")
                archive.extract(folder, targets=names)
            for name in names:
                with (Path(folder) / name).open("rb") as stream:
                    yield from _one(stream, f"{path.name}/{name}", report)
    except (py7zr.exceptions.ArchiveError, py7zr.exceptions.PasswordRequired, *_DAMAGE) as error:
        report.skip(f"damaged archive: {type(error).__name__}", str(path))


def _line_index(stream: IO[bytes]) -> dict[str, list[str]]:
    """Index of one-line games, tab-separated: id, date, White, Black, komi, result, moves, time."""
    rows = {}
    for line in _bounded(stream):
        row = line.decode("utf-8", "replace").rstrip("\n").split("\t")
        if len(row) >= 7:
            rows[row[0]] = row
    return rows


def _bounded(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines of `stream`; ValueError if one is too long for a game, or all together too long for an index."""
    read = 0
    while line := stream.readline(LARGEST + 1):
        read += len(line)
        if len(line) > LARGEST or read > _MOST_INDEX:
            raise ValueError("too large")
        yield line


def _lines(stream: IO[bytes], name: str, index: dict[str, list[str]], report: Report) -> Iterator[GoRecord]:
    for raw in _bounded(stream):
        number, tab, moves = raw.decode("utf-8", "replace").rstrip("\n").partition("\t")
        row = index.get(number)
        if not tab or row is None:
            report.skip("a line without an entry in the index", f"{name}:{number[:20]}")
            continue
        winner, margin, by = parse_result(row[5])
        try:
            komi = float(row[4])
        except ValueError:
            komi = None
        known = {"date": row[1], "white": row[2], "black": row[3], "komi": komi}
        try:
            record = read_line(moves, f"{name}:{number}", winner=winner, margin=margin, by=by, **known)
        except BadRecord as error:
            report.skip(str(error), f"{name}:{number}")
            continue
        yield record
