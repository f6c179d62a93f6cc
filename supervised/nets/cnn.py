"""Convolutional trunks for screens: the networks of the two DQN papers.

    name    paper                              convolutions (channels, kernel, stride)   linear   weights on 84x84
    small   Mnih et al. 2013, arXiv:1312.5602  16 8x8 4 | 32 4x4 2                       256      0.68 M
    nature  Mnih et al. 2015, Nature 518       32 8x8 4 | 64 4x4 2 | 64 3x3 1            512      1.68 M

Both take grey frames [B, 4, 84, 84] as bytes and scale them by 1/255 inside the network.
Deviation: orthogonal initialisation (as in later practice) instead of uniform.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import nn

from supervised.nets.blocks import ChannelNorm, Scale, conv, flat_size, linear

_LAYERS = {
    "small": (((16, 8, 4), (32, 4, 2)), 256),
    "nature": (((32, 8, 4), (64, 4, 2), (64, 3, 1)), 512),
}


class ScreenCNN(nn.Module):
    """Convolutions with ReLU, then one linear layer. [B, C, H, W] bytes -> [B, features]."""

    def __init__(
        self, input_shape: Sequence[int], variant: str = "nature", norm: bool = False, centre: bool = False
    ) -> None:
        """`norm` adds layer normalisation before each ReLU (for PQN); `centre` subtracts a mean screen."""
        super().__init__()
        channels, height, width = input_shape
        convolutions, features = _LAYERS[variant]
        self.out_shape = (features,)
        layers: list[nn.Module] = []
        for out, kernel, stride in convolutions:
            layers += [
                conv(channels, out, kernel, stride),
                *([ChannelNorm(out)] if norm else []),
                nn.ReLU(inplace=True),
            ]
            channels = out
        self.scale = Scale(1 / 255, (1, height, width) if centre else None)
        self.convolutions = nn.Sequential(*layers, nn.Flatten())
        flat = flat_size(self.convolutions, (input_shape[0], height, width))
        norms = [nn.LayerNorm(features)] if norm else []
        self.linear = nn.Sequential(linear(flat, features), *norms, nn.ReLU(inplace=True))

    def forward(self, obs: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.linear(self.convolutions(self.scale(obs)))  # [B, features]
        return out


small = partial(ScreenCNN, variant="small")
nature = partial(ScreenCNN, variant="nature")
