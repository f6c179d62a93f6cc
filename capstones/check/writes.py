"""What changes files, as the audit events of Python name it, and where a project may do so."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# event -> which of its arguments are paths that change
CHANGING: dict[str, tuple[int, ...]] = {
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.rmdir": (0,),
    "os.rename": (0, 1),
    "os.link": (1,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.chmod": (0,),
    "os.chown": (0,),
    "shutil.rmtree": (0,),
    "shutil.move": (0, 1),
    "shutil.copytree": (1,),
    "shutil.copyfile": (1,),
    "shutil.unpack_archive": (1,),
    "sqlite3.connect": (0,),
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def writable(roots: Sequence[str], temporary: str) -> tuple[str, ...]:
    """Folders in which anything may change: the project's, its temporary one, and the caches of libraries."""
    home = Path.home()
    caches = [os.environ.get(name, "") for name in ("XDG_CACHE_HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR", "TORCH_HOME")]
    places = [*roots, temporary, *caches, str(home / ".cache"), str(home / ".config" / "matplotlib"), "/dev"]
    return tuple(os.path.realpath(place) for place in places if place)


def targets(event: str, args: tuple[Any, ...]) -> list[str]:
    """The paths that this event would change; "" for what is no path, such as an open file's number."""
    if event == "open":
        path, mode, flags = args
        writing = flags & _WRITING if isinstance(flags, int) and flags else _writes(mode)
        return [_text(path)] if writing else []
    return [_text(args[i]) for i in CHANGING[event] if i < len(args)]


def _writes(mode: Any) -> bool:
    return isinstance(mode, str) and any(letter in mode for letter in "wax+")


def inside(path: str, places: Sequence[str]) -> bool:
    """Whether `path` lies in one of these folders, links followed; compiled modules may lie anywhere."""
    real = os.path.realpath(path)
    return "__pycache__" in real.split(os.sep) or any(real == p or real.startswith(p + os.sep) for p in places)


def _text(path: Any) -> str:
    try:
        text = os.fsdecode(path)
    except TypeError:
        return ""  # a file descriptor
    return "" if text == ":memory:" else text
