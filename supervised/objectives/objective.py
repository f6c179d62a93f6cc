"""What every objective takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
import torch

Forward = Callable[[torch.Tensor], dict[str, torch.Tensor]]
"""A network: inputs [B, ...] -> {head: output in float32}, however it computes inside."""


class Batch(NamedTuple):
    """Examples as a network reads them, on its device."""

    inputs: torch.Tensor  # [B, ...]
    targets: dict[str, torch.Tensor]  # head -> [B, ...]; empty where the inputs are the target


class Objective(Protocol):
    def __call__(self, net: Forward, batch: Batch, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        """(loss to go down, metrics to log). What is random, such as noise or mixing, is drawn from `rng`."""
        ...
