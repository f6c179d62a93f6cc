"""The residual network of IMPALA (Espeholt et al. 2018, arXiv:1802.01561, Figure 3, right).

Three sections of convolution, max-pooling and two residual blocks. On 84x84 it needs about nine times the arithmetic
of the Nature CNN and learns more from each frame.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from supervised.nets.blocks import Scale, conv, flat_size, linear


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(relu(x)))), same shape in and out."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = conv(channels, channels, 3, padding=1)
        self.second = conv(channels, channels, 3, padding=1, gain=0.1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = x + self.second(functional.relu_(self.first(functional.relu(x))))
        return out


class Impala(nn.Module):
    """[B, C, H, W] bytes -> [B, features]."""

    def __init__(
        self,
        input_shape: Sequence[int],
        channels: Sequence[int] = (16, 32, 32),
        features: int = 256,
        centre: bool = False,
    ) -> None:
        """`centre` subtracts a mean screen."""
        super().__init__()
        count, height, width = input_shape
        sections: list[nn.Module] = []
        for out in channels:
            sections += [
                conv(count, out, 3, padding=1, gain=1.0),
                nn.MaxPool2d(3, stride=2, padding=1),
                ResidualBlock(out),
                ResidualBlock(out),
            ]
            count = out
        self.scale = Scale(1 / 255, (1, height, width) if centre else None)
        self.sections = nn.Sequential(*sections, nn.ReLU(inplace=True), nn.Flatten())
        self.out_shape = (features,)
        self.linear = linear(flat_size(self.sections, (input_shape[0], height, width)), features)

    def forward(self, obs: torch.Tensor) -> torch.Tensor:
        return functional.relu_(self.linear(self.sections(self.scale(obs))))  # [B, features]
