"""For playing: a copy of a network with its norms folded into the convolutions before them.

In evaluation mode a batch norm is x * s + t with constants for each channel, and conv(x) * s + t is a convolution with
weights times s and bias t: the same function (up to rounding), with two fewer passes over memory per layer.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from supervised.nets.airbench import Airbench
from supervised.nets.board_heads import BoardPolicy
from supervised.nets.headed import HeadedNet
from supervised.nets.resnet import Block, ResNet
from supervised.nets.tower import BoardNorm, PoolBias, Tower, TowerBlock
from supervised.nets.vgg import VGG


class OnBoard(nn.Module):
    """The rest of a folded norm: points off the board stay 0."""

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        return x if mask is None else x * mask


def folded(net: HeadedNet) -> HeadedNet:
    """A copy of `net` in evaluation mode, for playing only."""
    made = copy.deepcopy(net).eval().requires_grad_(False)
    modules: list[Any] = list(made.modules())
    for module in modules:
        if isinstance(module, Tower):
            module.stem, module.stem_norm = _fold(module.stem, module.stem_norm)
        elif isinstance(module, TowerBlock):
            if module.pool is not None:
                _scale(module.pool.linear, module.first_norm)
            module.first, module.first_norm = _fold(module.first, module.first_norm)
            module.second, module.second_norm = _fold(module.second, module.second_norm)
        elif isinstance(module, PoolBias):
            module.conv, module.norm = _fold(module.conv, module.norm)
        elif isinstance(module, BoardPolicy):
            _scale(module.bias, module.norm)
            module.points, module.norm = _fold(module.points, module.norm)
        elif isinstance(module, Block) and not module.preact:
            for i, norm in enumerate(module.norms):
                if not isinstance(norm, nn.BatchNorm2d):
                    continue  # one written from scratch stays what it is
                module.convs[i], module.norms[i] = _fold(module.convs[i], norm)
        elif isinstance(module, ResNet | VGG | Airbench):
            _fold_sequence(module.stem if isinstance(module, ResNet) else module.layers)
    return made


def _fold(conv: nn.Module, norm: nn.Module) -> tuple[Any, Any]:
    assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    return fuse_conv_bn_eval(conv, norm), OnBoard() if isinstance(norm, BoardNorm) else nn.Identity()


def _scale(linear: Any, norm: nn.Module) -> None:
    """Fold the scale of `norm` into a term that is added before it; the shift goes into the convolution."""
    assert isinstance(norm, nn.BatchNorm2d) and norm.running_var is not None
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    linear.weight.mul_(scale[:, None])
    linear.bias.mul_(scale)


def _fold_sequence(layers: nn.Sequential) -> None:
    for i in range(len(layers) - 1):
        if isinstance(layers[i], nn.Conv2d) and isinstance(layers[i + 1], nn.BatchNorm2d):
            layers[i], layers[i + 1] = _fold(layers[i], layers[i + 1])
