"""A multilayer perceptron, for observations that are short vectors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from supervised.nets.blocks import Scale, linear
from tengen.bounds import repeated


def layers(width: int, count: int) -> dict[str, list[int]]:
    """The options that the numbers of a name stand for: mlp256x2 has two layers of 256."""
    return {"hidden": repeated(width, count)}


class MLP(nn.Module):
    """Flatten, then Linear + tanh layers. [B, *input] -> [B, features]."""

    def __init__(
        self, input_shape: Sequence[int], hidden: Sequence[int] = (64, 64), norm: bool = False, scale: float = 1.0
    ) -> None:
        """`scale` multiplies the input inside the network; `norm` adds layer normalisation to each layer."""
        super().__init__()
        size = 1
        for side in input_shape:
            size *= side
        layers: list[nn.Module] = []
        for width in hidden:
            layers += [linear(size, width), *([nn.LayerNorm(width)] if norm else []), nn.Tanh()]
            size = width
        self.scale = Scale(scale)
        self.layers = nn.Sequential(*layers)
        self.out_shape = (size,)

    def forward(self, obs: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layers(self.scale(obs).flatten(1))  # [B, features]
        return out
