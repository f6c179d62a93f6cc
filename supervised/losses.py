"""What a classifier minimises, and mixup."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from supervised.data.source import IGNORED


def cross_entropy(logits: torch.Tensor, target: torch.Tensor, smoothing: float = 0.0) -> torch.Tensor:
    """Mean of -log p(target) over the examples that have a target; 0 where none has.

    `logits` [B, K], `target` [B] class or IGNORED. With `smoothing` s the target is 1 - s + s / K on the class
    and s / K on the others (Szegedy 2016, section 7).
    """
    total = functional.cross_entropy(logits, target, ignore_index=IGNORED, label_smoothing=smoothing, reduction="sum")
    return total / (target != IGNORED).sum().clamp(min=1)


def mixed(x: torch.Tensor, alpha: float, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Mixup: (share * x + (1 - share) * x[partner], partner [B], share). `x` [B, ...] float."""
    share = float(rng.beta(alpha, alpha))
    partner = torch.from_numpy(rng.permutation(len(x)))
    return share * x + (1 - share) * x[partner], partner, share
