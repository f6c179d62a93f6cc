"""The contracting path of a U-Net (Ronneberger, Fischer, Brox 2015, arXiv:1505.04597, Figure 1, left).

    level   two 3x3 convolutions, each with ReLU; between levels 2x2 max-pooling halves the sides and channels double

A U-Net (supervised/generative/unet.py) reads all levels; as a trunk under heads it returns the mean of the deepest one.
Deviations: batch normalisation after each convolution; `padding` 1 keeps the size, the paper's 0 loses a pixel a side.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from supervised.nets.blocks import Scale, he_normal


def double_conv(inputs: int, outputs: int, padding: int = 1) -> nn.Sequential:
    """Two 3x3 convolutions. [B, inputs, H, W] -> [B, outputs, H, W], four pixels less a side with padding 0."""
    layers: list[nn.Module] = []
    for count in (inputs, outputs):
        layers += [nn.Conv2d(count, outputs, 3, padding=padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers)


class Contracting(nn.Module):
    """[B, C, H, W] bytes -> [B, channels[-1]]."""

    def __init__(
        self, input_shape: Sequence[int], channels: Sequence[int] = (16, 32, 64, 128), padding: int = 1
    ) -> None:
        super().__init__()
        if padding and min(input_shape[1:]) >> (len(channels) - 1) == 0:
            raise RuntimeError(f"{len(channels)} levels halve {list(input_shape)} to nothing")
        self.channels, self.padding = tuple(channels), padding
        self.scale = Scale(1 / 255)
        counts = [input_shape[0], *channels]
        self.blocks = nn.ModuleList([double_conv(counts[i], counts[i + 1], padding) for i in range(len(channels))])
        self.out_shape = (self.channels[-1],)
        he_normal(self)

    def levels(self, x: torch.Tensor) -> list[torch.Tensor]:
        """The features of each level, [B, channels[i], H / 2^i, W / 2^i] with padding, the deepest last."""
        x = self.scale(x)
        found: list[torch.Tensor] = []
        for i, block in enumerate(self.blocks):
            x = block(functional.max_pool2d(x, 2) if i else x)
            found.append(x)
        return found

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.levels(x)[-1].mean((2, 3))
