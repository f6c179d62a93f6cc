"""U-Net (Ronneberger, Fischer, Brox 2015, arXiv:1505.04597): the class of every pixel of a picture.

    contracting                          expanding
    64  ------------- copy, crop ------------> 64 -> classes        down: 2x2 max-pooling
      128 ----------- copy, crop --------> 128                      up:   2x2 transposed convolution, channels halved,
        256 --------- copy, crop ----> 256                                then the copy is concatenated
            512 ------------------> 512

The way down sees what is there, the copies say where. With the paper's unpadded convolutions 572 pixels become 388.

Deviations: padding 1 by default, so that the output of a picture of any size divisible by 2^(levels - 1) has its size;
batch normalisation; fewer channels; a plain mean over pixels as loss, without the weights at borders between cells;
the last biases start at the log frequencies of the classes, so that training does not start by learning those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from supervised.nets.headed import build
from supervised.nets.unet import Contracting, double_conv


class UNet(nn.Module):
    """[B, C, H, W] bytes -> logits [B, classes, H, W], or smaller without padding."""

    def __init__(
        self, input_shape: Sequence[int], classes: int, channels: Sequence[int] = (16, 32, 64, 128), padding: int = 1
    ) -> None:
        super().__init__()
        spec = {"kind": "unet", "input_shape": list(input_shape), "channels": list(channels), "padding": padding}
        self.contracting = build({"trunk": spec, "heads": {}})
        pairs = [(channels[i + 1], channels[i]) for i in reversed(range(len(channels) - 1))]  # deep -> one level up
        self.up = nn.ModuleList([nn.ConvTranspose2d(deep, above, 2, stride=2) for deep, above in pairs])
        self.blocks = nn.ModuleList([double_conv(2 * above, above, padding) for _, above in pairs])
        self.classes = nn.Conv2d(channels[0], classes, 1)

    @torch.no_grad()
    def begin_with(self, counts: torch.Tensor) -> None:
        """Let the first answer be the classes' frequencies, from `counts` [classes]: most of a scene is ground."""
        assert self.classes.bias is not None
        self.classes.bias.copy_(torch.log((counts + 1) / (counts + 1).sum()))
        self.classes.weight.mul_(0.1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        trunk: Any = self.contracting.trunk
        assert isinstance(trunk, Contracting)
        *copies, x = trunk.levels(x)
        for up, block in zip(self.up, self.blocks, strict=True):
            x = up(x)  # [B, above, 2h, 2w]
            x = block(torch.cat([cropped(copies.pop(), x.shape[2:]), x], 1))
        logits: torch.Tensor = self.classes(x)
        return logits


def cropped(x: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """The middle [B, C, *size] of [B, C, H, W]."""
    top, left = (x.shape[2] - size[0]) // 2, (x.shape[3] - size[1]) // 2
    return x[:, :, top : top + size[0], left : left + size[1]]


def pixel_loss(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """Mean of -log p of each pixel's class (Eq. 1 with all weights 1). [B, K, H, W], [B, H, W]."""
    return functional.cross_entropy(logits.float(), classes)


def confusion(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """[B, 3, K] of each picture and class: pixels in common, pixels said to be of it, pixels that are."""
    count = logits.shape[1]
    said = functional.one_hot(logits.argmax(1), count)  # [B, H, W, K]
    true = functional.one_hot(classes, count)
    return torch.stack([(said * true).sum((1, 2)), said.sum((1, 2)), true.sum((1, 2))], 1)


def intersection_over_union(counts: torch.Tensor) -> torch.Tensor:
    """[K] pixels in common over pixels that either has, for `counts` [3, K]; nan where a class is nowhere."""
    both, said, true = counts.double()
    return both / (said + true - both)
