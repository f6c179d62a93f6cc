"""A small network in the style of VGG (Simonyan, Zisserman 2014, arXiv:1409.1556): 3x3 convolutions, with twice the
channels after each halving of the picture.

Deviations: batch normalisation after each convolution (the paper predates it), the mean over positions instead of
three large linear layers, dropout before the head.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from supervised.nets.blocks import Normalise, he_normal


class VGG(nn.Module):
    """[B, C, H, W] -> [B, features]. `channels`: of each section; `depth`: convolutions per section."""

    def __init__(
        self,
        input_shape: Sequence[int],
        channels: Sequence[int] = (32, 64, 128),
        depth: int = 2,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.normalise = Normalise(input_shape[0])
        width = input_shape[0]
        layers: list[nn.Module] = []
        for section, count in enumerate(channels):
            layers += [nn.MaxPool2d(2)] if section else []
            for _ in range(depth):
                layers += [
                    nn.Conv2d(width, count, 3, padding=1, bias=False),
                    nn.BatchNorm2d(count),
                    nn.ReLU(inplace=True),
                ]
                width = count
        self.layers = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.out_shape = (width,)
        he_normal(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.layers(self.normalise(x))  # [B, C, H', W']
        out: torch.Tensor = self.dropout(x.mean((2, 3)))
        return out
