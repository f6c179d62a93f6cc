"""Layers shared by several networks."""

from __future__ import annotations

import torch
from torch import nn


class Scale(nn.Module):
    """Input normalisation inside the network: `(x - centre) * factor`, integers in, float32 out.

    Both are buffers, so they are saved with the weights and no caller has to remember them. `centre` is a mean
    screen [1, H, W], measured once before training (`calibrate`). Most of a game's screen never changes; with that
    constant subtracted, the first convolution sees what moves, and learning takes off in a fraction of the steps
    (figures in docs/algorithms/ppo.md).
    """

    factor: torch.Tensor
    centre: torch.Tensor

    def __init__(self, factor: float, centre: tuple[int, ...] | None = None) -> None:
        """`centre` is the shape of the mean to subtract; None subtracts none."""
        super().__init__()
        self.register_buffer("factor", torch.tensor(factor))
        self.centred = centre is not None
        if centre is not None:
            self.register_buffer("centre", torch.zeros(centre))

    def calibrate(self, mean: torch.Tensor, deviation: float) -> None:
        """Set the mean screen, and the factor to one over the standard deviation around it."""
        self.centre.copy_(mean.view(self.centre.shape))
        self.factor.fill_(1 / max(deviation, 1e-3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dtype == torch.float32:
            return (x - self.centre if self.centred else x) * self.factor
        x = x.to(torch.float32)  # a copy, which can be changed in place
        return (x.sub_(self.centre) if self.centred else x).mul_(self.factor)


class Normalise(nn.Module):
    """Input normalisation of pictures: `(x / 255 - mean) / deviation` for each channel, bytes in, float32 out.

    Mean [C, 1, 1] and deviation [C, 1, 1] are buffers, measured on the training set (`calibrate`).
    """

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels, 1, 1))
        self.register_buffer("deviation", torch.ones(channels, 1, 1))

    def calibrate(self, mean: torch.Tensor, deviation: torch.Tensor) -> None:
        """`mean` and `deviation` [C] of values scaled to between 0 and 1."""
        self.mean.copy_(mean.view(-1, 1, 1))
        self.deviation.copy_(deviation.clamp(min=1e-3).view(-1, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.float() / 255 if x.dtype == torch.uint8 else x.float()
        return (x - self.mean) / self.deviation


def he_normal(net: nn.Module) -> None:
    """He initialisation of all convolutions (He 2015, arXiv:1502.01852, Eq. 10: variance 2 / fan-out)."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def linear(inputs: int, outputs: int, gain: float = 2**0.5) -> nn.Linear:
    """A linear layer with orthogonal weights (Saxe 2014, arXiv:1312.6120) and zero biases."""
    layer = nn.Linear(inputs, outputs)
    nn.init.orthogonal_(layer.weight, gain)
    nn.init.zeros_(layer.bias)
    return layer


def conv(inputs: int, outputs: int, kernel: int, stride: int = 1, padding: int = 0, gain: float = 2**0.5) -> nn.Conv2d:
    """A convolution with orthogonal weights and zero biases."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride, padding)
    nn.init.orthogonal_(layer.weight, gain)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


class ChannelNorm(nn.Module):
    """Layer normalisation over [C, H, W], with a gain and a bias for each channel.

    It is `GroupNorm` with one group. Without batch statistics, acting and learning see the same function.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.norm(x)
        return out


def flat_size(layers: nn.Module, input_shape: tuple[int, ...]) -> int:
    """Number of outputs of `layers` for one input of `input_shape`."""
    with torch.no_grad():
        return int(layers(torch.zeros(1, *input_shape)).numel())
