"""Trunks for boards: the residual tower of AlphaZero with KataGo's global pooling, and the AlphaGo network of 2016.

    tower     Silver et al. 2017 (AlphaZero, arXiv:1712.01815), with global pooling and a board mask after
              Wu 2019 (KataGo, arXiv:1902.10565, section 3.3 and appendix A)
    alphago   Silver et al. 2016 (Nature 529, methods, "neural network architecture"): a 5x5 convolution, then
              3x3 ones, ReLU between them, no norms

Both take planes [B, C, H, W] of small integers and return `BoardFeatures`: features of each point, and which points
exist. Nothing in them depends on the board's size, so one network plays on several; `masked` lets it learn several at
once, padded to the largest: norms, pools and heads then ignore the padding.

Deviation: blocks are in AlphaZero's order (convolution, norm, ReLU), so that each norm can be folded into the
convolution before it for playing; KataGo's are pre-activation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from supervised.nets.blocks import he_normal


class BoardFeatures(NamedTuple):
    """What board trunks pass to board heads."""

    x: torch.Tensor  # [B, C, H, W], zero where there is no point
    mask: torch.Tensor | None  # [B, 1, H, W] 1 on the board; None: every point exists


class BoardNorm(nn.BatchNorm2d):
    """Batch normalisation over the points of the board: padding is left out of the statistics and stays 0."""

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:  # type: ignore[override]
        if mask is None:
            return super().forward(x)
        if not self.training:
            return super().forward(x) * mask
        assert self.running_mean is not None and self.running_var is not None and self.momentum is not None
        assert self.num_batches_tracked is not None
        points = mask.sum()
        mean = (x * mask).sum((0, 2, 3)) / points  # [C]
        centred = (x - mean.view(1, -1, 1, 1)) * mask
        variance = centred.square().sum((0, 2, 3)) / points
        with torch.no_grad():
            unbiased = variance * points / (points - 1).clamp(min=1)
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(unbiased, self.momentum)
            self.num_batches_tracked += 1
        out = centred * ((variance + self.eps).rsqrt() * self.weight).view(1, -1, 1, 1)
        return out + self.bias.view(1, -1, 1, 1) * mask


def pool(x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """KataGo's global pooling: mean, mean scaled by the board's width, maximum. [B, C, H, W] -> [B, 3 C].

    The scaled mean, mean * (width - 14) / 10, tells the network what a mean hides: how large the board is.
    """
    if mask is None:
        mean, largest = x.mean((2, 3)), x.amax((2, 3))
        width = x.new_full((1, 1), (x.shape[2] * x.shape[3]) ** 0.5)
    else:
        points = mask.sum((2, 3))  # [B, 1]
        mean = (x * mask).sum((2, 3)) / points
        largest = (x - (1 - mask) * 1e4).amax((2, 3))
        width = points.sqrt()
    return torch.cat([mean, mean * (width - 14) / 10, largest], 1)


class PoolBias(nn.Module):
    """Channels that see the whole board, added to the others as a bias (KataGo, appendix A.2)."""

    def __init__(self, inputs: int, pooled: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, pooled, 3, padding=1, bias=False)
        self.norm = BoardNorm(pooled)
        self.linear = nn.Linear(3 * pooled, outputs)

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        g = functional.relu_(self.norm(self.conv(x), mask))
        bias: torch.Tensor = self.linear(pool(g, mask))  # [B, outputs]
        return bias[:, :, None, None]


class TowerBlock(nn.Module):
    """relu(x + norm(conv(relu(norm(conv(x) [+ pooled bias]))))). In place: no gradient needs a norm's output."""

    def __init__(self, channels: int, pooled: int = 0) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.first_norm = BoardNorm(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second_norm = BoardNorm(channels)
        self.pool = PoolBias(channels, pooled, channels) if pooled else None

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        out = self.first(x)
        if self.pool is not None:
            out = out + self.pool(x, mask)
        out = functional.relu_(self.first_norm(out, mask))
        return functional.relu_(self.second_norm(self.second(out), mask).add_(x))


class Planes(nn.Module):
    """Integer planes to float32, each times its factor, a buffer of the network."""

    factor: torch.Tensor

    def __init__(self, channels: int, factors: Sequence[float] | None) -> None:
        super().__init__()
        values = torch.tensor(factors) if factors is not None else torch.ones(channels)
        self.register_buffer("factor", values.view(-1, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.float() * self.factor


class Tower(nn.Module):
    """[B, C, H, W] planes -> `BoardFeatures` with `channels` channels."""

    def __init__(
        self,
        input_shape: Sequence[int],
        channels: int = 64,
        blocks: int = 6,
        pool_every: int = 3,
        masked: bool = False,
        factors: Sequence[float] | None = None,
    ) -> None:
        """Every `pool_every`-th block pools (0: none does); `masked` takes plane 0 as the board mask.

        `factors` multiply the planes inside the network: some, such as komi, are not just 0 or 1.
        """
        super().__init__()
        self.masked = masked
        self.planes = Planes(input_shape[0], factors)
        self.stem = nn.Conv2d(input_shape[0], channels, 3, padding=1, bias=False)
        self.stem_norm = BoardNorm(channels)
        pooled = max(8, channels // 4)
        self.blocks = nn.ModuleList(
            [
                TowerBlock(channels, pooled if pool_every and i % pool_every == pool_every - 1 else 0)
                for i in range(blocks)
            ]
        )
        self.out_shape = (channels, *input_shape[1:])
        he_normal(self)

    def forward(self, x: torch.Tensor) -> BoardFeatures:
        mask = x[:, :1].float() if self.masked else None
        x = functional.relu_(self.stem_norm(self.stem(self.planes(x)), mask))
        for block in self.blocks:
            x = block(x, mask)
        return BoardFeatures(x, mask)


class AlphaGo(nn.Module):
    """The network of 2016: `layers` - 1 convolutions of `channels`; its head is the last layer. No norms."""

    def __init__(
        self,
        input_shape: Sequence[int],
        channels: int = 192,
        layers: int = 13,
        factors: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        self.planes = Planes(input_shape[0], factors)
        convs: list[nn.Module] = [nn.Conv2d(input_shape[0], channels, 5, padding=2), nn.ReLU(inplace=True)]
        for _ in range(layers - 2):
            convs += [nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*convs)
        self.out_shape = (channels, *input_shape[1:])
        he_normal(self)

    def forward(self, x: torch.Tensor) -> BoardFeatures:
        return BoardFeatures(self.layers(self.planes(x)), None)
