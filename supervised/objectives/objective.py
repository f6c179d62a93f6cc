"""The inputs and outputs of every objective."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import numpy as np
import torch

Forward = Callable[[torch.Tensor], dict[str, torch.Tensor]]
"""A network: inputs [B, ...] -> {head: output in float32}, however it computes inside."""


class Batch(NamedTuple):
    """Examples as a network reads them, on its device."""

    inputs: torch.Tensor  # [B, ...]
    targets: dict[str, torch.Tensor]  # head -> [B, ...]; empty where the inputs are the target


class Shares(NamedTuple):
    """The fraction of a batch that one of several learners has: the weight of its mean in the batch's mean."""

    examples: float
    targets: Mapping[str, float]  # head -> of the examples that have such a target


class Objective(Protocol):
    def __call__(
        self, net: Forward, batch: Batch, rng: np.random.Generator, *, shares: Shares | None = None
    ) -> tuple[torch.Tensor, dict[str, float]]:
        """(loss to go down, metrics to log). What is random, such as noise or mixing, is drawn from `rng`.

        With `shares` the batch is a part, and loss and metrics are what it adds to those of the whole.
        """
        ...
