"""Batches of states in the form that kernels read."""

from __future__ import annotations

import numpy as np


def words(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The batch as int16 words [B, W16] and int64 words [B, W64], two views of the same memory."""
    if not states.flags.c_contiguous:
        raise ValueError("a batch of states must be contiguous: copy a strided selection first")
    if len(states) == 0:
        return np.empty((0, 32), np.int16), np.empty((0, 8), np.int64)
    flat = states.view(np.int64).reshape(len(states), -1)
    return flat.view(np.int16), flat
