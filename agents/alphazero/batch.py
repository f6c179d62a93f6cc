"""AlphaZero's training data: positions and their targets, as arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Batch(NamedTuple):
    """B positions and their targets, as the player to move sees them."""

    planes: np.ndarray  # [B, C, H, W] int8
    policy: np.ndarray  # [B, A] float32 sums to 1
    outcome: np.ndarray  # [B] int64: 0 won, 1 drawn, 2 lost
    reply: np.ndarray  # [B] int64 the opponent's next action, IGNORED where there is none
    ownership: np.ndarray  # [B, H, W] float32: 1 own point, -1 the opponent's, 0 nobody's
    score: np.ndarray  # [B] float32 points
    counted: np.ndarray  # [B] bool: ownership and score are known
