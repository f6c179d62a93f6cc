"""LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition").

    28x28 padded to 32x32 - conv 6 5x5 - pool - conv 16 5x5 - pool - conv 120 5x5 - linear 84    61,706 weights
                                                                                                 with 10 classes
Deviations:
1. The second convolution sees all six maps (in the paper's table I, only some).
2. Pooling is a plain mean, tanh is not scaled by 1.7159, the output is a linear layer with cross-entropy (in the paper:
   trained averages, radial basis functions).
3. `modern`: ReLU and max-pooling instead of tanh and averaging.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from supervised.nets.blocks import Normalise, flat_size


class LeNet(nn.Module):
    """[B, C, H, W] images -> [B, 84]."""

    def __init__(self, input_shape: Sequence[int], modern: bool = False) -> None:
        super().__init__()
        channels, height, width = input_shape
        act, pool = (nn.ReLU, nn.MaxPool2d) if modern else (nn.Tanh, nn.AvgPool2d)
        self.normalise = Normalise(channels)
        padding = max(0, (32 - height + 1) // 2)
        self.convolutions = nn.Sequential(
            nn.Conv2d(channels, 6, 5, padding=padding),
            act(),
            pool(2),
            nn.Conv2d(6, 16, 5),
            act(),
            pool(2),
            nn.Conv2d(16, 120, 5),
            act(),
            nn.Flatten(),
        )
        self.linear = nn.Sequential(nn.Linear(flat_size(self.convolutions, (channels, height, width)), 84), act())
        self.out_shape = (84,)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.linear(self.convolutions(self.normalise(x)))
        return out
