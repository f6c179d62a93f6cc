"""Data for the classical learners: pictures as rows of pixels, patches of pictures (sentences: bags.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from supervised.catalogue import find_data_set
from supervised.data.known import known_set
from supervised.data.pictures import grey_pictures
from tengen.errors import UserError
from tengen.kinds import later

Say = Callable[[str], None]


class Data(NamedTuple):
    """Training and test examples."""

    X: Any  # [N, D] float32 in 0 … 1, or CSR counts
    y: np.ndarray  # [N]
    X_test: Any
    y_test: np.ndarray
    classes: Sequence[str]
    about: str
    protocol: str
    shape: tuple[int, ...] = ()  # of a picture: (H, W, C)
    vocabulary: Sequence[str] = ()
    known: str = ""  # name of the public set (supervised/data/known.py)
    fingerprint: str = ""  # of the whole set, not only the part used


def pictures(task: str, where: str, examples: int, patch: int, seed: int, say: Say) -> Data:
    """The picture set `task`; with `patch`, patches of its pictures instead."""
    data_set = find_data_set(task)
    if data_set is None or not data_set.pictures:
        raise UserError(f"{task} is not a picture data set")
    stood_in = ""
    if task in ("mnist", "fashion-mnist"):
        found, name = grey_pictures(task, where, say)
        stood_in = f" of {name}" if name not in ("MNIST", "Fashion-MNIST") else ""
    else:
        found = later(data_set.pictures)(where, say)
    (train, y), (test, y_test) = found.train, found.test
    if examples:
        train, y = train[:examples], y[:examples]
    if patch:
        return _patches(train, test, patch, seed)._replace(fingerprint=found.fingerprint)
    about = (
        f"{len(train):,} pictures{stood_in}, {train.shape[2]}x{train.shape[1]}, to learn from, {len(test):,} to test"
    )
    rows = [np.ascontiguousarray(p.reshape(len(p), -1), np.float32) / np.float32(255) for p in (train, test)]
    which = "the first" if examples else "all"
    protocol = f"learned from {which} {len(train):,} training pictures{stood_in}, pixels 0 to 1"
    known = known_set(test)
    return Data(
        rows[0], y, rows[1], y_test, found.classes, about, protocol, train.shape[1:], (), known, found.fingerprint
    )


def _patches(train: np.ndarray, test: np.ndarray, side: int, seed: int) -> Data:
    """Patches from random places, each normalised to mean 0 and deviation 1 (Coates, Lee & Ng 2011)."""
    if side > min(train.shape[1:3]):
        raise UserError(f"--patch {side} is larger than the pictures of {train.shape[2]}x{train.shape[1]}")
    rng = np.random.default_rng(seed)
    found = []
    for pictures, count in ((train, 20_000), (test, 4_000)):
        which = rng.integers(len(pictures), size=count)
        top = rng.integers(pictures.shape[1] - side + 1, size=count)
        left = rng.integers(pictures.shape[2] - side + 1, size=count)
        rows = top[:, None] + np.arange(side)
        columns = left[:, None] + np.arange(side)
        cut = (
            pictures[which[:, None, None], rows[:, :, None], columns[:, None, :]].reshape(count, -1).astype(np.float32)
        )
        cut -= cut.mean(1, keepdims=True)
        found.append(cut / np.sqrt(cut.var(1, keepdims=True) + 10))
    shape = (side, side, train.shape[3])
    none = [np.zeros(len(part), np.int64) for part in found]
    about = f"{len(found[0]):,} patches of {side}x{side} to learn from, {len(found[1]):,} to test"
    return Data(found[0], none[0], found[1], none[1], (), about, "patches of mean 0 and deviation 1", shape)
