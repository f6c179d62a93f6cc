"""Normalisation layers from scratch. All compute (x - mean) / sqrt(variance + eps) * weight + bias.

layer              paper                            mean and variance are taken over
BatchNorm2d        Ioffe 2015, arXiv:1502.03167     the batch and positions, per channel
LayerNorm          Ba 2016, arXiv:1607.06450        the last dimensions, per example
GroupNorm          Wu 2018, arXiv:1803.08494        positions and the channels of a group, per example

BatchNorm2d         LayerNorm           GroupNorm, two groups      rows: examples, columns: channels
  a b c d             a a a a             a a b b                  entries with the same letter are
  a b c d             b b b b             c c d d                  normalised together
  a b c d             c c c c             e e f f

Means and variances of bfloat16 values are computed in float32, as PyTorch's layers do.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn


class BatchNorm2d(nn.Module):
    """[B, C, H, W] -> the same. With the batch's statistics in training, else with running ones (algorithm 2)."""

    running_mean: torch.Tensor
    running_var: torch.Tensor
    num_batches_tracked: torch.Tensor

    def __init__(self, channels: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(channels))  # gamma
        self.bias = nn.Parameter(torch.zeros(channels))  # beta
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x, dtype = _wide(x), x.dtype
        if self.training:
            mean = x.mean((0, 2, 3))  # [C], algorithm 1 line 1
            variance = (x - mean[:, None, None]).square().mean((0, 2, 3))  # line 2
            count = x.numel() // x.shape[1]
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(variance * count / (count - 1), self.momentum)  # unbiased, as in section 3.1
                self.num_batches_tracked += 1
        else:
            mean, variance = self.running_mean, self.running_var
        normal = (x - mean[:, None, None]) / (variance[:, None, None] + self.eps).sqrt()  # line 3
        return (self.weight[:, None, None] * normal + self.bias[:, None, None]).to(dtype)  # line 4


class LayerNorm(nn.Module):
    """[..., *shape] -> the same."""

    def __init__(self, shape: int | Sequence[int], eps: float = 1e-5) -> None:
        super().__init__()
        self.shape = (shape,) if isinstance(shape, int) else tuple(shape)
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(self.shape))
        self.bias = nn.Parameter(torch.zeros(self.shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        over = tuple(range(-len(self.shape), 0))
        x, dtype = _wide(x), x.dtype
        centred = x - x.mean(over, keepdim=True)
        variance = centred.square().mean(over, keepdim=True)
        return (self.weight * centred / (variance + self.eps).sqrt() + self.bias).to(dtype)


class GroupNorm(nn.Module):
    """[B, C, ...] -> the same."""

    def __init__(self, groups: int, channels: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.groups, self.eps = groups, eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        grouped = _wide(x).reshape(len(x), self.groups, -1)  # [B, G, C / G * positions]
        centred = grouped - grouped.mean(2, keepdim=True)
        variance = centred.square().mean(2, keepdim=True)
        normal = (centred / (variance + self.eps).sqrt()).view_as(x)
        per_channel = (-1, *(1,) * (x.dim() - 2))
        return (self.weight.view(per_channel) * normal + self.bias.view(per_channel)).to(x.dtype)


def _wide(x: torch.Tensor) -> torch.Tensor:
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
