"""The airbench network (Jordan 2024, arXiv:2404.00498), designed to learn CIFAR-10 with as few operations as possible.

    stem         2x2 patches, whitened: both signs of every principal direction, scaled to variance 1; not learned
    3 sections   conv - pool - norm - gelu - conv - norm - gelu, of 64, 256 and 256 channels
    end          global max pooling, times 1/9

The first filters of each convolution start as the identity, so an untrained network already passes the whitened
patches through. Norms learn a bias but no gain.

Deviations: float32; the patches used to compute the whitening are not padded; biases have the same learning rate as
other weights; the whitening has no bias.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from supervised.nets.blocks import Normalise

_EPSILON = 5e-4  # added to a direction's variance before it is scaled to one
_MOMENTUM = 0.4  # of the norms' running statistics; high because training is short
_SCALE = 1 / 9  # of the features, as in the paper


class Airbench(nn.Module):
    """[B, C, H, W] -> [B, features]; `channels` has one entry per section."""

    def __init__(self, input_shape: Sequence[int], channels: Sequence[int] = (64, 256, 256)) -> None:
        super().__init__()
        self.normalise = Normalise(input_shape[0])
        patch = 4 * input_shape[0]
        self.whitening = nn.Conv2d(input_shape[0], 2 * patch, 2, bias=False)
        self.whitening.weight.requires_grad_(False)
        width = 2 * patch
        layers: list[nn.Module] = [nn.GELU()]
        for count in channels:
            layers += [_conv(width, count), nn.MaxPool2d(2), _norm(count), nn.GELU()]
            layers += [_conv(count, count), _norm(count), nn.GELU()]
            width = count
        self.layers = nn.Sequential(*layers)
        self.out_shape = (width,)

    def whiten(self, pictures: torch.Tensor) -> None:
        """Compute the stem from `pictures` [N, C, H, W] bytes; call after `normalise` has been calibrated."""
        with torch.no_grad():
            patches = functional.unfold(self.normalise(pictures), 2).transpose(1, 2).flatten(0, 1)  # [M, 4C]
            variance, directions = torch.linalg.eigh(torch.cov(patches.double().T))  # ascending; a column each
            whitened = (directions / (variance + _EPSILON).sqrt()).T.flip(0)  # [4C, 4C]
            both = torch.cat([whitened, -whitened]).float()
            self.whitening.weight.copy_(both.view(self.whitening.weight.shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.layers(self.whitening(self.normalise(x)))  # [B, C, H', W']
        return x.amax((2, 3)) * _SCALE


def _conv(inputs: int, outputs: int) -> nn.Conv2d:
    """A 3x3 convolution whose first filters are the identity of the inputs."""
    layer = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    nn.init.dirac_(layer.weight.data[:inputs])
    return layer


def _norm(channels: int) -> nn.BatchNorm2d:
    layer = nn.BatchNorm2d(channels, momentum=_MOMENTUM)
    layer.weight.requires_grad_(False)
    return layer
