"""A lock on a folder: only one process at a time may write to it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from tengen.errors import UserError
from tengen.files import make_folder


class Lock:
    """The folder's lock, held until `release` or until this process ends. UserError if another process has it."""

    def __init__(self, folder: Path, busy: str = "wait for it or choose another --out") -> None:
        """`busy` says what to do if another process has the folder."""
        try:
            make_folder(folder)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC  # never through a link
            self._file = os.fdopen(os.open(folder / "lock", flags, 0o644), "w")  # closed with this object, too
        except OSError as error:
            raise UserError(f"cannot write into {folder}: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise UserError(f"{folder} is in use by another process; {busy}") from None

    def release(self) -> None:
        self._file.close()
