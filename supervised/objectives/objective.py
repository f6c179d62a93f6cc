"""The interface of objectives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import numpy as np
import torch

Forward = Callable[[torch.Tensor], dict[str, torch.Tensor]]
"""A network: inputs [B, ...] -> {head: output in float32}, whatever precision it computes in."""


class Batch(NamedTuple):
    """Examples as network inputs, on the network's device."""

    inputs: torch.Tensor  # [B, ...]
    targets: dict[str, torch.Tensor]  # head -> [B, ...]; empty if the inputs are the target


class Shares(NamedTuple):
    """A learner's fraction of a batch: the weight of the mean over its part in the mean over the batch."""

    examples: float
    targets: Mapping[str, float]  # head -> fraction of the examples with a target for it


class Objective(Protocol):
    def __call__(
        self, net: Forward, batch: Batch, rng: np.random.Generator, *, shares: Shares | None = None
    ) -> tuple[torch.Tensor, dict[str, float]]:
        """(loss to minimise, metrics to log). All randomness, such as noise or mixing, is drawn from `rng`.

        With `shares` the batch is a part; loss and metrics are its contribution to those of the whole batch.
        """
        ...
