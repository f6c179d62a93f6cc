"""The input of learning from labels: a `Source` of examples, and their order."""

from __future__ import annotations

from typing import Protocol

import numpy as np

IGNORED = -100  # a target without loss (the number that torch's cross-entropy skips)


class Source(Protocol):
    """Examples by index. Only the source knows what they are: pictures, Go positions."""

    @property
    def input_shape(self) -> tuple[int, ...]: ...  # (C, H, W)

    def __len__(self) -> int: ...

    def batch(
        self, indices: np.ndarray, rng: np.random.Generator | None = None
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Inputs [B, C, H, W] and {head: targets [B]}; with `rng`, augmented at random."""
        ...


class Order:
    """Each example once per epoch, in a new random order each epoch, for any number of examples.

    A permutation of ten million numbers would be 80 MB that a resumed run has to recreate. This one is a function: a
    Feistel network (four rounds of mixing the two halves of a number's bits) permutes the next power of four, and
    numbers that land beyond the last example are permuted again until they do not. So any part of any epoch is computed
    independently, and there is no state to save.
    """

    def __init__(self, examples: int, seed: int) -> None:
        self.examples, self.seed = examples, seed
        self._half = max(1, (max(examples - 1, 1).bit_length() + 1) // 2)  # bits

    def __call__(self, start: int, stop: int) -> np.ndarray:
        """Indices [stop - start] of the examples at places `start` to `stop` of the whole training."""
        place = np.arange(start, stop, dtype=np.int64)
        epoch, value = np.divmod(place, self.examples)
        value = self._permute(value, epoch)
        while (outside := value >= self.examples).any():
            value[outside] = self._permute(value[outside], epoch[outside])
        return value

    def _permute(self, value: np.ndarray, epoch: np.ndarray) -> np.ndarray:
        mask = np.uint64((1 << self._half) - 1)
        left, right = value.astype(np.uint64) >> np.uint64(self._half), value.astype(np.uint64) & mask
        for round_ in range(4):
            key = epoch.astype(np.uint64) * np.uint64(8) + np.uint64(round_)
            mixed = _mix(right ^ (key << np.uint64(32)) ^ np.uint64(self.seed * 0x9E3779B1 % 2**64))
            left, right = right, left ^ (mixed & mask)
        return ((left << np.uint64(self._half)) | right).astype(np.int64)


def _mix(x: np.ndarray) -> np.ndarray:
    """The finaliser of splitmix64 (Steele, Lea, Flood 2014): every bit of the result depends on every bit of x."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
