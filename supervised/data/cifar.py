"""CIFAR-10's binary batches (www.cs.toronto.edu/~kriz/cifar.html): a label byte, then 3,072 bytes of colour planes.

The Python version is a pickle and is not supported: nothing is ever unpickled.
"""

from __future__ import annotations

import lzma
import tarfile
import zlib
from pathlib import Path

import numpy as np

from tengen import tars
from tengen.errors import UserError

_RECORD = 1 + 3 * 32 * 32
_TRAIN = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
_TEST = ("test_batch.bin",)


def find(place: Path) -> bool:
    """Whether `place` contains the binary batches: as the archive, or as a folder."""
    return place.name.startswith("cifar-10-binary") or bool(list(place.rglob("data_batch_1.bin")))


def read(place: Path) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """((pictures [N, 32, 32, 3], labels [N]) for training, the same for testing)."""
    files = _archive(place) if place.is_file() else {p.name: p.read_bytes() for p in place.rglob("*_batch*.bin")}
    splits = []
    for names in (_TRAIN, _TEST):
        missing = [name for name in names if name not in files]
        if missing:
            raise UserError(f"{place} lacks {', '.join(missing)}; download the set again")
        parts = [_batch(files[name], name) for name in names]
        splits.append((np.concatenate([p for p, _ in parts]), np.concatenate([labels for _, labels in parts])))
    return splits[0], splits[1]


def _archive(path: Path) -> dict[str, bytes]:
    try:
        return {Path(name).name: content.read() for name, content in tars.members(path) if name.endswith(".bin")}
    except (OSError, EOFError, ValueError, tarfile.TarError, zlib.error, lzma.LZMAError) as error:
        raise UserError(f"{path} is damaged ({error}); download it again") from error


def _batch(data: bytes, name: str) -> tuple[np.ndarray, np.ndarray]:
    if not data or len(data) % _RECORD:
        raise UserError(f"{name} is truncated: {len(data):,} bytes are not a multiple of {_RECORD:,}")
    rows = np.frombuffer(data, np.uint8).reshape(-1, _RECORD)
    return rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).copy(), rows[:, 0].astype(np.int64)
