"""The picture sets by name: from a folder, the cache, or downloaded; official file formats only.

digits          scikit-learn's bundled set (Alpaydin, Kaynak 1998): 1,797 pictures of 8x8, nothing to download
mnist           four IDX files (LeCun 1998), 60,000 + 10,000 of 28x28
fashion-mnist   four IDX files (Xiao 2017, arXiv:1708.07747)
cifar10         the binary batches (Krizhevsky 2009), 50,000 + 10,000 of 32x32; or a folder of pictures
images          a folder or archive of pictures: train/CLASS/*.png and test/CLASS/*.png
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from supervised.data import cifar, folders, idx
from supervised.data.download import fetch
from supervised.data.known import fingerprint
from tengen.errors import UserError
from tengen.files import cache_folder

DIGITS = tuple(str(i) for i in range(10))
FASHION = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

Split = tuple[np.ndarray, np.ndarray]  # pictures [N, H, W, C] bytes, labels [N]
Say = Callable[[str], None]


class Pictures(NamedTuple):
    train: Split
    test: Split
    classes: Sequence[str]

    @property
    def fingerprint(self) -> str:
        return fingerprint(*self.train, *self.test)


def mnist(data: str, say: Say, download: bool = True) -> Pictures:
    return Pictures(*idx.read(_place("mnist", data, say, download)), DIGITS)


def fashion_mnist(data: str, say: Say, download: bool = True) -> Pictures:
    return Pictures(*idx.read(_place("fashion-mnist", data, say, download)), FASHION)


def cifar10(data: str, say: Say) -> Pictures:
    place = _place("cifar10", data, say)
    if cifar.find(place):
        return Pictures(*cifar.read(place), CIFAR10)
    found = Pictures(*folders.read(place, cache_folder("pictures"), say))
    if set(found.classes) != set(CIFAR10):
        raise UserError(f"{place} holds classes {', '.join(found.classes[:5])} …, not CIFAR-10's")
    return found


def images(data: str, say: Say) -> Pictures:
    if not data:
        raise UserError("--data DIR says where the pictures are: DIR/train/CLASS/*.png and DIR/test/CLASS/*.png")
    return Pictures(*folders.read(Path(data), cache_folder("pictures"), say))


def _place(name: str, data: str, say: Say, download: bool = True) -> Path:
    """Where the files of a set are: as the user says, else in the cache, after a download."""
    try:
        place = Path(data) if data else fetch(name, cache_folder("data") / name, say, download)
    except UserError as error:
        raise UserError(f"{error}; `tengen train digits` needs no download") from error
    if not place.exists():
        raise UserError(f"no file or folder {place}")
    return place


def digits(data: str, say: Say) -> Pictures:
    """Every fifth picture is held out. Brightness 0 to 16 becomes 0 to 255."""
    if data:
        raise UserError(
            f"digits come with scikit-learn, not from --data {data}; for pictures of your own: tengen train images"
        )
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pictures = np.round(bunch.images * (255 / 16)).astype(np.uint8)[..., None]  # [N, 8, 8, 1]
    labels = bunch.target.astype(np.int64)
    held_out = np.arange(len(labels)) % 5 == 4
    train, test = ((pictures[part], labels[part]) for part in (~held_out, held_out))
    return Pictures(train, test, DIGITS)
