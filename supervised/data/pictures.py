"""Training pictures: from `--data`, from the cache, downloaded, or a small substitute.

binary pictures   50,000 + 10,000 + 10,000 of MNIST as bits, drawn once (Salakhutdinov & Murray 2008; Larochelle &
                  Murray 2011): binarized_mnist_{train,valid,test}.amat, a line of 784 bits a picture, or one .npz
                  with train, valid and test [N, 98], eight bits a byte
grey pictures     MNIST and Fashion-MNIST as everywhere in Tengen
on the spot       scikit-learn's 1,797 digits, enlarged from 8x8 to 28x28
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional

from supervised.data.download import SETS, fetch
from supervised.data.known import known_set
from supervised.data.sets import Pictures, digits, fashion_mnist, mnist
from tengen.errors import UserError, first_line
from tengen.files import ARRAY_DAMAGE, cache_folder

Say = Callable[[str], None]
SIDE = 28
_SPLITS = ("train", "valid", "test")
_INSTEAD = (
    "{} is not here and was not downloaded: using scikit-learn's small digits instead; --data FOLDER names its files"
)


class Bits(NamedTuple):
    """Pictures [N, 1, 28, 28] of bytes 0 and 255."""

    train: np.ndarray
    valid: np.ndarray
    test: np.ndarray
    about: str  # what they are, for protocol and people
    known: str = ""  # name of the public set (known.py)


class Grey(NamedTuple):
    """Pictures with classes, and a description."""

    pictures: Pictures
    about: str


def binary_pictures(data: str, say: Say) -> Bits:
    try:
        place = Path(data) if data else fetch("binary-mnist", cache_folder("data") / "binary-mnist", say)
    except UserError:
        say(_INSTEAD.format("binary-mnist"))
        return _standing_in()
    train, valid, test = (_as_pictures(part) for part in _read_bits(place))
    known = known_set(*sorted(map(bytes, np.packbits(test.reshape(len(test), -1) > 0, axis=1))))  # in any order
    return Bits(train, valid, test, "binarised MNIST" if known else f"bits of {place.name}", known)


def grey_pictures(task: str, data: str, say: Say, download: bool = True) -> Grey:
    """The pictures of MNIST, or of Fashion-MNIST if `task` is that; scikit-learn's digits if they are unavailable."""
    fashion = task == "fashion-mnist"
    try:
        found = (fashion_mnist if fashion else mnist)(data, say, download)
    except UserError:
        if data:
            raise
        say(_INSTEAD.format(task))
        return Grey(enlarged(digits("", say)), "scikit-learn's digits, enlarged")
    return Grey(found, "Fashion-MNIST" if fashion else "MNIST")


def enlarged(small: Pictures) -> Pictures:
    """Pictures of 8x8 as ones of 24x24 between margins of two pixels, smoothly."""

    def one(pictures: np.ndarray) -> np.ndarray:
        small = torch.from_numpy(pictures[:, None, :, :, 0].astype(np.float32))  # [N, 1, 8, 8]
        large = functional.interpolate(small, scale_factor=3, mode="bilinear")[:, 0].round().byte().numpy()
        return np.pad(large, ((0, 0), (2, 2), (2, 2)))[..., None]

    (train, labels), (test, test_labels) = small.train, small.test
    return Pictures((one(train), labels), (one(test), test_labels), small.classes)


def _standing_in() -> Bits:
    """Every tenth of the small digits' training pictures is for validation; a pixel is ink where it is half bright."""
    large = enlarged(digits("", lambda text: None))
    train, test = (np.where(part[0] > 127, 255, 0).astype(np.uint8).transpose(0, 3, 1, 2) for part in large[:2])
    held_out = np.arange(len(train)) % 10 == 9
    return Bits(train[~held_out], train[held_out], test, "scikit-learn's digits as bits, enlarged")


def _read_bits(place: Path) -> list[np.ndarray]:
    """[N, 784] bits of the three parts, from a folder or a file."""
    if not place.exists():
        raise UserError(f"no file or folder {place}")
    packed = [place] if place.suffix == ".npz" else sorted(place.glob("*.npz")) if place.is_dir() else []
    if packed:
        return _unpacked(packed[0])
    names = SETS["binary-mnist"].files
    if place.is_file() and place.name not in names:
        raise UserError(f"{place} is neither a .npz of train, valid and test nor one of {', '.join(names)}")
    folder = place if place.is_dir() else place.parent
    files = [folder / name for name in names]
    if missing := [file.name for file in files if not file.is_file()]:
        raise UserError(f"{folder} lacks {', '.join(missing)}; --data names a folder with these, or a .npz of them")
    try:
        return [np.loadtxt(file, np.uint8) for file in files]
    except ValueError as error:
        raise UserError(f"{folder} should hold lines of 784 bits ({error})") from error


def _unpacked(path: Path) -> list[np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as found:
            parts = [np.asarray(found[name]) for name in _SPLITS]
        return [np.unpackbits(part, axis=1) if part.ndim == 2 and part.shape[1] == 98 else part for part in parts]
    except ARRAY_DAMAGE as error:
        raise UserError(f"{path} should hold arrays train, valid and test of bits ({first_line(error)})") from error


def _as_pictures(bits: np.ndarray) -> np.ndarray:
    if bits.ndim != 2 or bits.shape[1] != SIDE * SIDE or len(bits) == 0:
        raise UserError(f"expected pictures of {SIDE * SIDE} bits each, found an array {list(bits.shape)}")
    return np.where(bits > 0, 255, 0).astype(np.uint8).reshape(-1, 1, SIDE, SIDE)
