"""Writes that survive a kill: write to a temporary name beside the target, flush, fsync, rename.

A reader therefore sees the old file or the new one, never a half-written one. A full disk shows as
`OSError` before the rename, with the old file untouched.
"""

import contextlib
import json
import lzma
import os
import shutil
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tengen.errors import UserError

_LARGEST_YAML, _DEEPEST_YAML = 1 << 18, 50
_DEEPEST_FOLDER = 400

# What np.load and the use of its arrays raise where a .npy or .npz is damaged, or no such file at all.
ARRAY_DAMAGE: tuple[type[Exception], ...] = (
    *(OSError, EOFError, ValueError, LookupError, TypeError, ArithmeticError, MemoryError),
    *(SyntaxError, tokenize.TokenError),  # the header of a .npy is read as Python's own literals
    *(RuntimeError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),  # a password; members of a .npz
)


def path_of(text: str) -> Path:
    """The path that the user typed. UserError for an impossible file name."""
    if "\0" in text or any(len(os.fsencode(part)) > 255 for part in Path(text).parts):
        raise UserError(f"'{text[:40]}…' is too long for a name: a name has at most 255 bytes")
    return Path(text)


def read_bytes(path: Path, most: int = 64 << 20) -> bytes:
    """A file's content. UserError if it cannot be read, is not a regular file (a pipe, a device), or is too large."""
    try:
        if not path.is_file():
            raise UserError(f"cannot read {path}: " + ("not a file" if path.exists() else "there is no such file"))
        if path.stat().st_size > most:
            raise UserError(f"cannot read {path}: it is larger than {most:,} bytes")
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error


def make_folder(path: Path) -> None:
    """Create `path`, with its parents, if it is not there. UserError if it is nested too deeply to be created."""
    if len(path.parts) > _DEEPEST_FOLDER:
        raise UserError(f"{str(path)[:40]}… is {len(path.parts):,} folders deep; {_DEEPEST_FOLDER} are the most")
    path.mkdir(parents=True, exist_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, whole or not at all."""
    temporary = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    write_text(path, json.dumps(value, indent=2) + "\n")


def write_folder(path: Path, fill: Callable[[Path], None]) -> None:
    """Make folder `path`: `fill(temporary)` writes into a temporary one, which is then renamed."""
    temporary = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        temporary.mkdir(parents=True)
        fill(temporary)
        for file in temporary.iterdir():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())
        remove(path)  # a damaged one of the same name
        temporary.rename(path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file, or a folder with everything in it; nothing happens where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def parse_json(text: str | bytes) -> Any:
    """`json.loads`, with a ValueError for too deep nesting as well."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_yaml(path: Path) -> Any:
    """The plain values in a small YAML file: only dicts, lists, strings and numbers are ever built from it.

    UserError, in one line, for one that cannot be read, is larger than 256 kB, or nests more than 50 brackets.
    """
    try:
        text = read_bytes(path, _LARGEST_YAML).decode()
        if _depth(text) > _DEEPEST_YAML:
            raise UserError(f"{path} cannot be read: it is nested too deeply")
        return yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise UserError(f"{path} cannot be read: {' '.join(str(error).split())[:200]}") from error


def _depth(text: str) -> int:
    """An upper bound of the nesting depth, from brackets and from dashes in one line."""
    deepest = depth = 0
    for c in text:
        depth += (c in "[{") - (c in "]}")
        deepest = max(deepest, depth)
    return max(deepest, max((line.count("- ") for line in text.splitlines()), default=0))


def sync_folder(path: Path) -> None:
    """Make a rename in `path` durable (a no-op where folders cannot be opened)."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def cache_folder(name: str) -> Path:
    """The folder for files that can be regenerated: $XDG_CACHE_HOME/tengen/name, ~/.cache/tengen/name by default."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "tengen" / name


def free_name(path: Path) -> Path:
    """`path`, or if it exists path-2, path-3, …, so that nothing is overwritten."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
