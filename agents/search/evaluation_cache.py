"""A cache of evaluations, by position.

A new search after a move meets positions that the previous search has already evaluated, and many games have the same
opening. An evaluation depends on the network's input, so the planes are the key: a 64-bit digest of them selects the
entry, and a newer evaluation overwrites an older one there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tengen.jit import kernel

Evaluations = tuple[np.ndarray, np.ndarray]  # logits [B, A], values [B]


class EvaluationCache:
    """At most `entries` evaluations; 4 (A + 3) bytes each."""

    def __init__(self, entries: int, num_actions: int) -> None:
        self._digests = np.zeros(entries, np.uint64)
        self._logits = np.zeros((entries, num_actions), np.float32)
        self._values = np.zeros(entries, np.float32)
        self.lookups, self.hits = 0, 0  # positions so far, and those among them that needed no evaluation

    def evaluate(self, planes: np.ndarray, evaluate: Callable[[np.ndarray], Evaluations]) -> Evaluations:
        """Evaluations of `planes` [B, C, H, W] int8; `evaluate(rows)` makes those that are missing."""
        batch = len(planes)
        digests = np.empty(batch, np.uint64)
        digest_rows(planes.transpose(0, 2, 3, 1).reshape(batch, -1).view(np.uint8), digests)
        entries = (digests % np.uint64(len(self._digests))).astype(np.int64)
        logits, values = self._logits[entries], self._values[entries]
        missed = np.flatnonzero(self._digests[entries] != digests)
        self.lookups += batch
        self.hits += batch - len(missed)
        if len(missed):
            _, first, same = np.unique(digests[missed], return_index=True, return_inverse=True)
            self.hits += len(missed) - len(first)
            new = missed[first]
            new_logits, new_values = evaluate(new)
            self._digests[entries[new]], self._logits[entries[new]] = digests[new], new_logits
            self._values[entries[new]] = new_values
            logits[missed], values[missed] = new_logits[same], new_values[same]
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
