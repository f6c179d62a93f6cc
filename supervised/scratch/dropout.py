"""Dropout from scratch (Srivastava et al. 2014, JMLR 15).

Deviation, as in every library: kept units are scaled up by 1 / (1 - p) in training, so that nothing has to be scaled
down at test time.
"""

from __future__ import annotations

import torch
from torch import nn


class Dropout(nn.Module):
    """In training each number is zeroed with probability `p`; otherwise the identity."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0:
            return x
        kept = torch.empty_like(x).bernoulli_(1 - self.p)
        return x * kept / (1 - self.p)
