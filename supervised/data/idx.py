"""IDX, the file format of MNIST (yann.lecun.com/exdb/mnist): a magic number, sizes, then the bytes."""

from __future__ import annotations

import gzip
import io
import math
import zlib
from pathlib import Path

import numpy as np

from tengen.errors import UserError
from tengen.files import read_bytes

NAMES = ("train-images", "train-labels", "t10k-images", "t10k-labels")
_UBYTE = 0x08
_LARGEST = 1 << 30  # bytes of a file, unpacked


def read(folder: Path) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """((pictures [N, H, W, 1], labels [N]) for training, the same for testing) from the four files."""
    images, labels, test_images, test_labels = (read_file(_find(folder, name)) for name in NAMES)
    for array, dims, name in ((images, 3, NAMES[0]), (labels, 1, NAMES[1]), (test_images, 3, NAMES[2])):
        if array.ndim != dims:
            raise UserError(f"{folder}/{name}*: expected {dims} dimensions, found {array.ndim}")
    return (images[..., None], labels), (test_images[..., None], test_labels)


def _find(folder: Path, name: str) -> Path:
    found = sorted(p for p in folder.glob(f"{name}*") if p.is_file())
    if not found:
        raise UserError(f"no {name}-idx… file in {folder}; the four files {', '.join(NAMES)} (.gz or not) are needed")
    return found[0]


def read_file(path: Path) -> np.ndarray:
    """The array of bytes in one IDX file, gzipped or not."""
    try:
        raw = read_bytes(path, _LARGEST)
        with gzip.open(io.BytesIO(raw)) if raw[:2] == b"\x1f\x8b" else io.BytesIO(raw) as file:
            data = file.read(_LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} is damaged ({error}); download it again") from error
    if len(data) > _LARGEST:
        raise UserError(f"{path} unpacks to more than {_LARGEST >> 30} GB")
    if len(data) < 4 or data[:2] != b"\0\0":
        raise UserError(f"{path} is not an IDX file: it should begin with two zero bytes")
    kind, dims = data[2], data[3]
    if kind != _UBYTE or not 1 <= dims <= 3 or len(data) < 4 + 4 * dims:
        raise UserError(f"{path}: expected an IDX file of bytes with 1 to 3 dimensions, found type {kind} with {dims}")
    shape = tuple(int(n) for n in np.frombuffer(data, ">u4", dims, 4))
    expected = math.prod(shape)
    found = len(data) - 4 - 4 * dims
    if found != expected:
        raise UserError(f"{path} is cut off or too long: {expected:,} bytes expected, {found:,} found")
    return np.frombuffer(data, np.uint8, expected, 4 + 4 * dims).reshape(shape)
