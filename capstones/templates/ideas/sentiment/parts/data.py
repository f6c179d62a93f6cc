"""Sentences of film reviews, each for or against, and which of them are held out. Complete: nothing to do here."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from supervised.data.sentences import read, words_of

FOLDS = 10


class Reviews(NamedTuple):
    """Each sentence as a list of words, with the number of its class."""

    sentences: list[list[str]]
    labels: np.ndarray  # [N] int64
    classes: list[str]
    about: str  # which sentences these are: rt-polarity or its stand-in

    def split(self, fold: int) -> tuple[np.ndarray, np.ndarray]:
        """Indices for training and testing: every tenth of the shuffled sentences, a different tenth for each fold."""
        order = np.random.default_rng(0).permutation(len(self.labels))
        held_out = np.arange(len(order)) % FOLDS == fold % FOLDS
        return order[~held_out], order[held_out]


def load(data: str | Path | None = None, quick: bool = False, say: Callable[[str], None] = print) -> Reviews:
    """rt-polarity (Pang & Lee 2005) from the folder `data`, from the cache, or downloaded; else generated sentences.

    `quick`: nothing is downloaded.
    """
    found = read(str(data or ""), say, download=not quick)
    return Reviews([words_of(text) for text in found.texts], found.labels.astype(np.int64), found.classes, found.about)


def batch_of(step: int, size: int, indices: np.ndarray, seed: int) -> np.ndarray:
    """The `indices` of gradient step number `step`, each once per epoch; determined by seed and step."""
    epoch, place = divmod(step, max(1, len(indices) // size))
    return np.random.default_rng((seed, epoch)).permutation(indices)[place * size : (place + 1) * size]
