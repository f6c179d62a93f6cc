"""Where compiled kernels are cached, and who may have put them there: numba's cache is pickled machine code.

numba unpickles whatever is in its cache. So each file starts with its own SHA-256, and is opened only if it is a
regular file of this user that nobody else can write to. A damaged or foreign file is skipped, and the kernel is
compiled again. The folder is the first one that belongs to us and is writable:

    $NUMBA_CACHE_DIR    …    if the user has set it
    ~/.cache/tengen          ($XDG_CACHE_HOME/tengen)
    a private folder in the system's temporary folder
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import stat
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import IndexDataCacheFile

_DIGEST = 32  # bytes of SHA-256
_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_told: set[str] = set()


class Summed(IndexDataCacheFile):  # type: ignore[misc]
    """numba's index and data files of one kernel, each preceded by the SHA-256 of its content."""

    def __init__(self, folder: str, base: str, stamp: Any) -> None:
        super().__init__(folder, f"{base}.{numba.__version__}.summed", stamp)  # another version's may not unpickle

    def load(self, key: Any) -> Any:
        name = self._load_index().get(key)
        content = None if name is None else self._read(self._data_path(name))
        return None if content is None else pickle.loads(content)

    def save(self, key: Any, data: Any) -> None:
        with contextlib.suppress(OSError):  # a full disk: the kernel is there all the same
            super().save(key, data)

    def _load_index(self) -> dict[Any, str]:
        content = self._read(self._index_path)
        if content is None:
            return {}
        version, stamp, overloads = pickle.loads(content)
        return overloads if (version, stamp) == (self._version, self._source_stamp) else {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_path, self._dump((self._version, self._source_stamp, overloads)))

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), self._dump(data))

    def _read(self, path: str) -> bytes | None:
        """What was written at `path`; None where there is nothing, or not what this user wrote."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            _passed_over(path, error.strerror)
            return None
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & _OTHERS:
            os.close(handle)
            _passed_over(path, "somebody else could have written it")
            return None
        with os.fdopen(handle, "rb") as file:
            data = file.read()
        if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
            _passed_over(path, "it is damaged")
            return None
        return data[_DIGEST:]

    def _write(self, path: str, content: bytes) -> None:
        temporary = f"{path}.tmp.{uuid.uuid4().hex[:16]}"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise


def guard(compiled: Any) -> None:
    """Let the kernel `compiled` (njit with cache=True) keep its files as `Summed`."""
    cache = getattr(compiled, "_cache", None)
    if cache is not None and hasattr(cache, "_impl"):  # without numba's compiler there is none
        cache._cache_file = Summed(cache.cache_path, cache._impl.filename_base, cache._impl.locator.get_source_stamp())


def _passed_over(path: str, why: str | None) -> None:
    """Say once for each folder why a file in it is not used."""
    folder = os.path.dirname(path)
    if folder not in _told:
        _told.add(folder)
        print(f"tengen: {path} is not used ({why}); kernels are compiled anew", file=sys.stderr, flush=True)


def folders(name: str) -> Iterator[Path]:
    """Folders of our own for the cache `name`, the best first; the last one is for this process only."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    bases = [Path(tempfile.gettempdir()) / f"tengen-{os.getuid()}"]
    with contextlib.suppress(RuntimeError):  # nobody has a home here
        bases.insert(0, Path(home).expanduser() / "tengen")
    why: list[str] = []
    for base in bases:
        try:
            base.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = base / name
            folder.mkdir(mode=0o700, exist_ok=True)
            if base.lstat().st_uid != os.getuid():  # a link of somebody else's, or their folder
                why.append(f"{base} is somebody else's")
                continue
            real = base.resolve()
            above = {*base.absolute().parents, *real.parents}
            if not (_private(real) and _private(real / name) and all(_safe(parent) for parent in above)):
                why.append(f"others could put files in the place of {base}")
                continue
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            why.append(f"{base}: {error.strerror}")
            continue
        yield folder
    _not_kept("; ".join(why))
    yield Path(tempfile.mkdtemp(prefix="tengen-kernels-"))


def _not_kept(why: str) -> None:
    """Say once why compiled kernels are lost with this process."""
    if "" not in _told:
        _told.add("")
        print(
            f"tengen: compiled kernels are not kept, each start compiles them anew ({why});"
            " set XDG_CACHE_HOME to a folder that only you can write to",
            file=sys.stderr,
            flush=True,
        )


def _private(folder: Path) -> bool:
    """Whether `folder` is a real folder of this user; nobody else can write to it from now on."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        return False
    if status.st_mode & _OTHERS:
        folder.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)
    return True


def _safe(parent: Path) -> bool:
    """Whether only this user and root could replace the folders in `parent`."""
    status = parent.stat()
    if status.st_uid not in (0, os.getuid()):
        return False
    if status.st_mode & stat.S_ISVTX:
        return True
    own_group = status.st_gid == os.getgid()  # as on systems where each user has a group of their own
    return not status.st_mode & stat.S_IWOTH and (own_group or not status.st_mode & stat.S_IWGRP)
