"""Residual networks (He et al. 2015, arXiv:1512.03385; pre-activation: He et al. 2016, arXiv:1603.05027).

A block computes x + F(x), so the identity is easy to learn. The two orders, for a block of two convolutions:

    v1 (2015)   conv - norm - relu - conv - norm - (+x) - relu
    v2 (2016)   norm - relu - conv - norm - relu - conv - (+x)

    name                 stem               sections (channels x blocks)             input     weights
    resnet20/32/44/56    conv 3x3           16, 32, 64 x 3/5/7/9, basic              CIFAR     0.27 M (20)
    resnet8/14           the same, 1/2 blocks a section (not in the paper)           small     0.08 M (8)
    resnet18/34          conv 7x7/2, pool   64, 128, 256, 512, basic                 ImageNet  11.2 M (18)
    resnet50             conv 7x7/2, pool   the same, bottlenecks (4 times wider)    ImageNet  23.5 M

Shortcuts across a change of shape: the CIFAR form takes every second pixel and fills new channels with zeros
(option A, no weights), the ImageNet form projects with a 1x1 convolution (option B).
Deviation: a section's last norm may start at gain 0 (`zero_gain`), which makes every block the identity at first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from supervised.nets.blocks import Normalise, he_normal

_IMAGENET = {  # depth -> (blocks of each section, bottlenecks)
    18: ([2, 2, 2, 2], False),
    34: ([3, 4, 6, 3], False),
    50: ([3, 4, 6, 3], True),
    101: ([3, 4, 23, 3], True),
}


def sections(depth: int) -> dict[str, Any]:
    """The options of the network with `depth` layers; six layers a block in each section are the CIFAR form's."""
    if depth not in _IMAGENET:
        return {"blocks": [(depth - 2) // 6] * 3}
    blocks, bottleneck = _IMAGENET[depth]
    return {"channels": [64, 128, 256, 512], "blocks": blocks, "bottleneck": bottleneck, "imagenet": True}


def conv3x3(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)


class Shortcut(nn.Module):
    """Option A: every `stride`-th pixel, new channels are zeros. [B, C, H, W] -> [B, C', H / s, W / s]."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.extra, self.stride = outputs - inputs, stride

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.extra))


def shortcut(inputs: int, outputs: int, stride: int, projected: bool, norm: bool) -> nn.Module:
    if inputs == outputs and stride == 1:
        return nn.Identity()
    if not projected:
        return Shortcut(inputs, outputs, stride)
    layer = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs)) if norm else layer


class Block(nn.Module):
    """Two 3x3 convolutions (basic), or 1x1, 3x3, 1x1 with a quarter of the channels inside (bottleneck)."""

    def __init__(
        self, inputs: int, outputs: int, stride: int, *, bottleneck: bool, preact: bool, projected: bool
    ) -> None:
        super().__init__()
        self.preact = preact
        if bottleneck:
            inner = outputs // 4
            convs = [
                nn.Conv2d(inputs, inner, 1, bias=False),
                conv3x3(inner, inner, stride),
                nn.Conv2d(inner, outputs, 1, bias=False),
            ]
        else:
            convs = [conv3x3(inputs, outputs, stride), conv3x3(outputs, outputs)]
        self.convs = nn.ModuleList(convs)
        self.norms = nn.ModuleList([nn.BatchNorm2d(c.in_channels if preact else c.out_channels) for c in convs])
        self.shortcut = shortcut(inputs, outputs, stride, projected, norm=not preact)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out, past = x, x
        for i, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            if self.preact:
                out = functional.relu_(norm(out))
                past = out if i == 0 and not isinstance(self.shortcut, nn.Identity) else past
                out = conv(out)
            else:
                out = norm(conv(out))
                out = functional.relu_(out) if i + 1 < len(self.convs) else out
        out = out.add_(self.shortcut(past))  # in place: the backward pass does not need the sum's inputs
        return out if self.preact else functional.relu_(out)


class ResNet(nn.Module):
    """[B, C, H, W] -> [B, features], the mean over the last section's positions."""

    def __init__(
        self,
        input_shape: Sequence[int],
        channels: Sequence[int] = (16, 32, 64),
        blocks: Sequence[int] = (3, 3, 3),
        bottleneck: bool = False,
        preact: bool = False,
        imagenet: bool = False,
        zero_gain: bool = False,
    ) -> None:
        """`imagenet`: the large stem and projected shortcuts."""
        super().__init__()
        self.normalise = Normalise(input_shape[0])
        width = channels[0]
        stem: list[nn.Module] = [
            nn.Conv2d(input_shape[0], width, 7, 2, padding=3, bias=False)
            if imagenet
            else conv3x3(input_shape[0], width)
        ]
        stem += [] if preact else [nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
        stem += [nn.MaxPool2d(3, 2, padding=1)] if imagenet else []
        self.stem = nn.Sequential(*stem)
        layers: list[nn.Module] = []
        for section, (count, depth) in enumerate(zip(channels, blocks, strict=True)):
            outputs = count * (4 if bottleneck else 1)
            for i in range(depth):
                stride = 2 if i == 0 and section > 0 else 1
                layers.append(Block(width, outputs, stride, bottleneck=bottleneck, preact=preact, projected=imagenet))
                width = outputs
        self.blocks = nn.Sequential(*layers)
        self.last = nn.Sequential(nn.BatchNorm2d(width), nn.ReLU(inplace=True)) if preact else nn.Identity()
        self.out_shape = (width,)
        he_normal(self)
        if zero_gain:
            for block in layers:
                nn.init.zeros_(block.norms[-1].weight)  # type: ignore[index,union-attr,arg-type]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.last(self.blocks(self.stem(self.normalise(x))))  # [B, C, H', W']
        return x.mean((2, 3))
