"""Shared by several generative models: small networks, likelihoods of bits, noise from numpy's generators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional


def mlp(sizes: Sequence[int], activation: type[nn.Module] = nn.Tanh) -> nn.Sequential:
    """Linear layers of `sizes` with an activation between them. [B, sizes[0]] -> [B, sizes[-1]]."""
    layers: list[nn.Module] = []
    for i in range(len(sizes) - 1):
        layers += [nn.Linear(sizes[i], sizes[i + 1]), activation()]
    return nn.Sequential(*layers[:-1])


def bits_of(pictures: torch.Tensor) -> torch.Tensor:
    """Bytes [B, ...], 0 or 255, as bits [B, D] in float32."""
    return (pictures.flatten(1) > 127).float()


def bernoulli_nats(logits: torch.Tensor, bits: torch.Tensor) -> torch.Tensor:
    """-log p(bits) [B] of independent bits [B, D] with these logits [B, D], in nats."""
    return functional.binary_cross_entropy_with_logits(logits.float(), bits, reduction="none").sum(1)


def normal(rng: np.random.Generator, *shape: int, like: torch.Tensor) -> torch.Tensor:
    """Standard normal noise [*shape] on the device of `like`."""
    return torch.from_numpy(rng.standard_normal(shape, np.float32)).to(like.device)


def uniform(rng: np.random.Generator, *shape: int, like: torch.Tensor) -> torch.Tensor:
    """Numbers from 0 to 1 [*shape] on the device of `like`."""
    return torch.from_numpy(rng.random(shape, np.float32)).to(like.device)
