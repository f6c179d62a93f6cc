"""Batches of sentences of nearly equal length, so that there is little padding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_POOL = 16  # batches that are sorted by length together


class Batches:
    """The sentences of a batch, by its number: all once per epoch, except for a remainder smaller than a batch."""

    def __init__(self, sentences: np.ndarray, lengths: np.ndarray, size: int, seed: int) -> None:
        """`sentences` [N] indices, `lengths` [N] of them in words."""
        self.sentences, self.lengths, self.seed = sentences, lengths, seed
        self.size = min(size, len(sentences))
        self.order: tuple[int, np.ndarray] = (-1, sentences)  # epoch, batches [M, size]

    def __call__(self, number: int) -> np.ndarray:
        """[size] indices."""
        epoch, place = divmod(number, len(self.sentences) // self.size)
        if self.order[0] != epoch:
            rng = np.random.default_rng([self.seed, epoch])
            mixed = rng.permutation(len(self.sentences))
            pool = np.arange(len(mixed)) // (self.size * _POOL)
            ordered = mixed[np.lexsort((self.lengths[mixed], pool))]  # by pool, then by length
            whole = ordered[: len(mixed) // self.size * self.size].reshape(-1, self.size)
            self.order = (epoch, self.sentences[whole[rng.permutation(len(whole))]])
        return np.asarray(self.order[1][place])


def padded(rows: Sequence[np.ndarray]) -> np.ndarray:
    """[B, L] words, 0 after a sentence's end."""
    words = np.zeros((len(rows), max(map(len, rows))), np.int64)
    for row, numbers in zip(words, rows, strict=True):
        row[: len(numbers)] = numbers
    return words
