"""A replay on disk: full blocks of rows are files that are written once and shared by checkpoints.

    RUN/checkpoints/replay/segment-00000007.safetensors     block 7: rows 7 b to 8 b - 1, with b rows per block

A checkpoint lists its files with their SHA-256 and holds only the rows after the last full block, so that saving a
replay of gigabytes writes only what is new. Files that no checkpoint in use lists are deleted. As checkpoints share
files, a damaged file affects all of them: if no checkpoint is intact, training continues without the steps in it.
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

_CHECKPOINTS_IN_USE = 3  # those kept by a run, and the one being written


class DamagedReplay(DamagedCheckpoint):
    """A checkpoint that is intact except for replay files, which other checkpoints share."""


class SegmentStore:
    """The files of one replay in `folder`."""

    def __init__(self, folder: Path, writing: bool = True) -> None:
        """`writing` False leaves the folder unchanged, for a run that is only being replayed."""
        self._folder, self._writing = folder, writing
        self._sums: dict[str, str] = {}  # file -> SHA-256
        self._named: deque[set[str]] = deque(maxlen=_CHECKPOINTS_IN_USE)  # the files of each checkpoint in use

    def save(self, ring: FrameRing) -> dict[str, str]:
        """Write the full blocks that have no file yet; returns all files of `ring` with their SHA-256."""
        named = {}
        for block in range(ring.oldest // ring.block_rows, ring.count // ring.block_rows):
            name = f"segment-{block:08d}.safetensors"
            named[name] = self._sums.get(name) or self._write(name, ring, block)
        self._sums = named
        self._named.append(set(named))
        self._remove_unnamed()
        return named

    def load(self, ring: FrameRing, sums: dict[str, str], without: list[int] | None = None, near: int = NEAR) -> None:
        """Load the blocks in the files `sums` (file -> SHA-256) into `ring`.

        `DamagedReplay` if a file is missing or has changed; given a list `without`, such blocks are appended to it
        instead, and they and blocks with rows `near` them are rewritten with the next checkpoint.
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
        for block in without or ():  # rows around a lost block are no longer sampled; their files must record that
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
            raise DamagedReplay(f"{name} of the replay has changed since it was written")
        return load(data)

    def keep_all(self) -> None:
        """Keep all files of a replay with other parts (reshare.py): checkpoints in use may list any of them."""
        self._named.append({path.name for path in self._folder.glob("segment-*.safetensors")})

    def save_none(self) -> None:
        """Count one more checkpoint that lists none of the files."""
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
