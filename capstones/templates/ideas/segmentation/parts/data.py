"""Scenes composed of handwritten digits, with the class of every pixel. Complete: nothing to do here."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from supervised.data.pictures import grey_pictures
from supervised.data.scenes import SIDE, compose

CLASSES = ("ground", *"0123456789")  # a pixel's class: 0 for the ground, 1 + d for the digit d

Scenes = tuple[torch.Tensor, torch.Tensor]  # [B, 64, 64] bytes; class of each pixel [B, 64, 64] int64


class Digits(NamedTuple):
    """Pictures [N, 28, 28, 1] bytes with labels [N], from which scenes are composed."""

    train: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    about: str  # which pictures these are: MNIST or its stand-in


def load(data: str | Path | None = None, quick: bool = False, say: Callable[[str], None] = print) -> Digits:
    """MNIST from the folder `data`, from the cache, or downloaded (not if `quick`); else scikit-learn's, enlarged."""
    found = grey_pictures("mnist", str(data or ""), say, download=not quick)
    return Digits(found.pictures.train, found.pictures.test, found.about)


def scenes(digits: tuple[np.ndarray, np.ndarray], count: int, seed: int | tuple[int, ...]) -> Scenes:
    """`count` scenes of two to five `digits` each, later ones on top, on a noisy ground; determined by the seed."""
    pictures, classes = compose(*digits, count, np.random.default_rng(seed), SIDE)
    return torch.from_numpy(pictures[:, 0]), torch.from_numpy(classes)
