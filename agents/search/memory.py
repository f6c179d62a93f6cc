"""Answers of an evaluator, remembered by position.

A search that begins anew after a move meets positions that the search before it has had evaluated, and many games
begin alike. What an answer depends on is what the network sees, so planes are the key: a 64-bit digest of them,
one place for each, and what comes later takes an older answer's place.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tengen.jit import kernel

Answers = tuple[np.ndarray, np.ndarray]  # logits [B, A], values [B]


class Memory:
    """At most `entries` answers; 4 (A + 3) bytes each."""

    def __init__(self, entries: int, num_actions: int) -> None:
        self._digests = np.zeros(entries, np.uint64)
        self._logits = np.zeros((entries, num_actions), np.float32)
        self._values = np.zeros(entries, np.float32)
        self.asked, self.known = 0, 0  # positions so far, and those among them that were known

    def answer(self, planes: np.ndarray, judge: Callable[[np.ndarray], Answers]) -> Answers:
        """The answers for `planes` [B, C, H, W] int8; `judge(numbers)` gives those of the numbered ones."""
        batch = len(planes)
        digests = np.empty(batch, np.uint64)
        digest_rows(planes.transpose(0, 2, 3, 1).reshape(batch, -1).view(np.uint8), digests)
        places = (digests % np.uint64(len(self._digests))).astype(np.int64)
        logits, values = self._logits[places], self._values[places]
        missed = np.flatnonzero(self._digests[places] != digests)
        self.asked += batch
        self.known += batch - len(missed)
        if len(missed):
            _, first, same = np.unique(digests[missed], return_index=True, return_inverse=True)
            self.known += len(missed) - len(first)
            new = missed[first]
            found_logits, found_values = judge(new)
            self._digests[places[new]], self._logits[places[new]] = digests[new], found_logits
            self._values[places[new]] = found_values
            logits[missed], values[missed] = found_logits[same], found_values[same]
        return logits, values


@kernel
def digest_rows(rows: np.ndarray, out: np.ndarray) -> None:
    """A 64-bit digest of each row of bytes [B, N] into `out` [B], never 0; after FNV-1a, finished as splitmix64."""
    for i in range(rows.shape[0]):
        h = np.uint64(0xCBF29CE484222325)
        for j in range(rows.shape[1]):
            h = (h ^ np.uint64(rows[i, j])) * np.uint64(0x100000001B3)
        h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        out[i] = (h ^ (h >> np.uint64(31))) | np.uint64(1)
