"""The picture sets by name: found in a folder, in the cache, or downloaded; official file formats only.

digits          scikit-learn's bundled set (Alpaydin, Kaynak 1998): 1,797 pictures of 8x8, nothing to download
mnist           four IDX files (LeCun 1998), 60,000 + 10,000 of 28x28
fashion-mnist   four IDX files (Xiao 2017, arXiv:1708.07747)
cifar10         the binary batches (Krizhevsky 2009), 50,000 + 10,000 of 32x32; or a folder of pictures
images          a folder or archive of pictures: train/CLASS/*.png and test/CLASS/*.png
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from supervised.data import cifar, folders, idx
from supervised.data.download import fetch
from supervised.data.images import Images
from tengen.errors import UserError
from tengen.files import cache_folder

DIGITS = tuple(str(i) for i in range(10))
FASHION = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

_Split = tuple[np.ndarray, np.ndarray]


def load(task: str, data: str, augment: str, say: Callable[[str], None]) -> tuple[Images, Images]:
    """(training set, test set) of `task`; `data` is where its files lie, empty for the cache or a download."""
    classes: tuple[str, ...] = {"fashion-mnist": FASHION, "cifar10": CIFAR10}.get(task, DIGITS)
    if task == "digits":
        train, test = _digits()
    elif task == "images":
        if not data:
            raise UserError("--data DIR says where the pictures are: DIR/train/CLASS/*.png and DIR/test/CLASS/*.png")
        train, test, classes = folders.read(Path(data), cache_folder("pictures"), say)
    else:
        place = Path(data) if data else fetch(task, cache_folder("data") / task, say)
        if not place.exists():
            raise UserError(f"no file or folder {place}")
        if task == "cifar10" and not cifar.find(place):
            train, test, classes = folders.read(place, cache_folder("pictures"), say)
            if set(classes) != set(CIFAR10):
                raise UserError(f"{place} holds classes {', '.join(classes[:5])} …, not CIFAR-10's")
        elif task == "cifar10":
            train, test = cifar.read(place)
        else:
            train, test = idx.read(place)
    return Images(*train, classes, augment), Images(*test, classes)


def _digits() -> tuple[_Split, _Split]:
    """Every fifth picture is held out. Brightness 0 to 16 becomes 0 to 255."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pictures = np.round(bunch.images * (255 / 16)).astype(np.uint8)[..., None]  # [N, 8, 8, 1]
    labels = bunch.target.astype(np.int64)
    held_out = np.arange(len(labels)) % 5 == 4
    return (pictures[~held_out], labels[~held_out]), (pictures[held_out], labels[held_out])
