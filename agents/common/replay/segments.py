"""A replay on disk: its full blocks of rows are files, written once and shared by checkpoints.

    RUN/checkpoints/replay/segment-00000007.safetensors     block 7: rows 7 b to 8 b - 1, with b rows a block

A checkpoint names its files with their SHA-256 and holds only the rows after the last full block, so that
saving a replay of gigabytes only writes what is new in it. Files that no checkpoint in use names are deleted. As
checkpoints share them, one damaged file is missing in all: if no checkpoint is complete, a training continues without
the steps in it.
"""

from __future__ import annotations

import hashlib
from collections import deque
from pathlib import Path

import numpy as np
from safetensors.numpy import load, save

from agents.common.replay.ring import NEAR, FrameRing
from tengen.checkpoint import DamagedCheckpoint
from tengen.files import write_bytes

_CHECKPOINTS_IN_USE = 3  # those that a run keeps, and the one being written


class DamagedReplay(DamagedCheckpoint):
    """A checkpoint that is complete except for files of its replay, which it shares with others."""


class SegmentStore:
    """The files of one replay in `folder`."""

    def __init__(self, folder: Path, writing: bool = True) -> None:
        """`writing` False leaves the folder as it is: a training that is only repeated."""
        self._folder, self._writing = folder, writing
        self._sums: dict[str, str] = {}  # file -> SHA-256
        self._named: deque[set[str]] = deque(maxlen=_CHECKPOINTS_IN_USE)  # the files of each checkpoint in use

    def save(self, ring: FrameRing) -> dict[str, str]:
        """Write the full blocks that have no file yet; the files of all that `ring` holds, with their SHA-256."""
        named = {}
        for block in range(ring.oldest // ring.block_rows, ring.count // ring.block_rows):
            name = f"segment-{block:08d}.safetensors"
            named[name] = self._sums.get(name) or self._write(name, ring, block)
        self._sums = named
        self._named.append(set(named))
        self._remove_unnamed()
        return named

    def load(self, ring: FrameRing, sums: dict[str, str], without: list[int] | None = None, near: int = NEAR) -> None:
        """Put the blocks of the files `sums` (file -> SHA-256) back into `ring`.

        `DamagedReplay` where a file is missing or not what was written; with a list `without`, such blocks are added to
        it instead; they and those with rows that are `near` them are written anew with the next checkpoint.
        """
        good = {}
        for name, expected in sums.items():
            block = int(name.removeprefix("segment-").removesuffix(".safetensors"))
            try:
                ring.put(block * ring.block_rows, self._read(name, expected))
                good[name] = expected
            except DamagedReplay:
                if without is None:
                    raise
                without.append(block)
        reach = -(-near // ring.block_rows)  # blocks
        for block in without or ():  # rows beside a lost block are not drawn any more: their files have to say so
            for beside in range(block - reach, block + reach + 1):
                good.pop(f"segment-{beside:08d}.safetensors", None)
        self._sums = good
        self._named.append(set(sums))

    def _read(self, name: str, expected: str) -> dict[str, np.ndarray]:
        try:
            data = (self._folder / name).read_bytes()
        except OSError as error:
            raise DamagedReplay(f"{name} of the replay is missing") from error
        if hashlib.sha256(data).hexdigest() != expected:
            raise DamagedReplay(f"{name} of the replay is not what was written")
        return load(data)

    def keep_all(self) -> None:
        """The checkpoints in use may name any of the files: those of a replay that had other parts (reshare.py)."""
        self._named.append({path.name for path in self._folder.glob("segment-*.safetensors")})

    def save_none(self) -> None:
        """One checkpoint more that names none of them."""
        self._named.append(set())
        self._remove_unnamed()

    def _write(self, name: str, ring: FrameRing, block: int) -> str:
        data = save(ring.take(block * ring.block_rows, (block + 1) * ring.block_rows))
        if self._writing:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_bytes(self._folder / name, data)
        return hashlib.sha256(data).hexdigest()

    def _remove_unnamed(self) -> None:
        if not self._writing:
            return
        needed = set[str]().union(*self._named)
        for path in self._folder.glob("segment-*.safetensors"):
            if path.name not in needed:
                path.unlink(missing_ok=True)
