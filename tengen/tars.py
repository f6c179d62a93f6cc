"""Tar archives from strangers (plain, gzip, bzip2, xz), streamed: nothing is unpacked to disk or held in memory."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

_MOST, _RATIO = 256 << 20, 200  # bytes that any archive may unpack to, and times its own size
_LARGEST_HEADER = 1 << 20  # bytes of a name or of other extended headers
_PAX = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)
_GNU = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_OPENERS: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}


class TooLarge(ValueError):
    """An archive made to fill memory or time."""


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """(name, content) of each regular file in the archive, in stored order; a content is read before the next comes.

    `TooLarge` for one that unpacks to more than 256 MB and 200 times its size, or whose headers are too large; other
    damage raises what tarfile and the decompressors raise.
    """
    most = max(_MOST, _RATIO * path.stat().st_size)
    with _opened(path) as source:
        with tarfile.open(fileobj=cast(Any, _Counted(source, most)), mode="r|", tarinfo=_Header) as archive:
            while (member := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined]
                if member.isfile() and (content := archive.extractfile(member)) is not None:
                    yield member.name, content


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        start = file.read(6)
    opener = next((opener for magic, opener in _OPENERS.items() if start.startswith(magic)), open)
    return cast("IO[bytes]", opener(path, "rb"))


class _Counted:
    """Reads from `source`, at most `most` bytes in all."""

    def __init__(self, source: Any, most: int) -> None:
        self.source, self.left = source, most

    def read(self, size: int) -> bytes:
        data = self.source.read1(size)  # what there is before the place where it is cut off
        self.left -= len(data)
        if self.left < 0:
            raise TooLarge("unpacks to far more than its own size")
        return data


class _Header(tarfile.TarInfo):
    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        """Where tarfile reads extended headers, whole and as large as they say they are."""
        if self.type == tarfile.GNUTYPE_SPARSE or (self.type in (*_PAX, *_GNU) and self.size > _LARGEST_HEADER):
            raise TooLarge("has headers that are too large")
        return super()._proc_member(archive)  # type: ignore[misc]
