"""The network: a small U-Net (Ronneberger, Fischer & Brox 2015, arXiv:1505.04597, figure 1).

    [B, 64, 64] bytes, scaled to 0 … 1
    level 0   down 12 ---------------------- copy -----------------> merge 12 -> classes   [64 x 64]
    level 1      pool, down 24 ------------- copy --------> merge 24, up to 12             [32 x 32]
    level 2         pool, down 48 ---------- copy -> merge 48, up to 24                    [16 x 16]
    level 3             pool, down 96, up to 48                                            [ 8 x  8]

The way down learns what is there and loses where; the copies (skip connections) say where. Two things differ from the
paper: padding, so that the output is as large as the input, and batch normalisation.
"""

import torch
from torch import nn
from torch.nn import functional


def double_convolution(before: int, after: int) -> nn.Sequential:
    """[B, before, H, W] -> [B, after, H, W]: 3x3 convolution (padding 1, no bias), nn.BatchNorm2d, ReLU, twice."""
    raise NotImplementedError("convolution, norm, ReLU, convolution, norm, ReLU")


class UNet(nn.Module):
    """scenes [B, H, W] bytes -> logits [B, classes, H, W] float32; H and W are multiples of 8."""

    def __init__(self, classes: int = 11, channels: tuple[int, ...] = (12, 24, 48, 96), copies: bool = True) -> None:
        """Use these names, which the tests rely on:

        down     nn.ModuleList: double_convolution from 1 to channels[0], from channels[0] to channels[1] …
        up       nn.ModuleList, from the lowest level upwards: nn.ConvTranspose2d(deep, above, 2, stride=2)
        merge    nn.ModuleList, in the same order: double_convolution from 2 * above (upsampled features and the copy)
                 to above
        classes  nn.Conv2d from channels[0] to `classes`, kernel 1

        With copies=False zeros replace the copies and everything else stays the same: that is the ablation.
        """
        super().__init__()
        raise NotImplementedError("make down, up, merge, classes")

    @torch.no_grad()
    def begin_with(self, counts: torch.Tensor) -> None:
        """Make the network predict the class frequencies at first: `counts` [classes] of pixels, none of them 0.

        Nine pixels in ten are ground; without this, the first hundred steps learn nothing but that. Set the bias of
        `classes` to the logarithm of the frequencies, and divide its weights by ten.
        """
        raise NotImplementedError("set the bias of the last layer, and make its weights small")

    def forward(self, scenes: torch.Tensor) -> torch.Tensor:
        """Down, keeping each level's features; up, with the copy of the same level beside the features from below."""
        raise NotImplementedError("bytes to 0 … 1 and a channel; down with max-pooling; up, beside, merge; classes")
