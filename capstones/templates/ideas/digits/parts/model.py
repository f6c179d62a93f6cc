"""The network: a small residual network (He, Zhang, Ren & Sun 2015, arXiv:1512.03385).

[B, 28, 28] bytes
  scaled: x / 255, minus mean, divided by deviation          [B,  1, 28, 28]
  3x3 convolution to  16, norm, ReLU                         [B, 16, 28, 28]
  2x2 max-pooling, 3x3 convolution to 32, norm, ReLU, block  [B, 32, 14, 14]
  2x2 max-pooling, 3x3 convolution to 64, norm, ReLU, block  [B, 64,  7,  7]
  mean over all positions, linear                            [B, 10] logits
"""

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """y = ReLU(x + F(x)), where F is 3x3 convolution, norm, ReLU, 3x3 convolution, norm (figure 2 of the paper).

    The block adds to its input, so F(x) = 0 is enough to leave a positive input unchanged. x [B, C, H, W] ->
    [B, C, H, W].
    """

    def __init__(self, channels: int) -> None:
        """conv1, norm1, conv2, norm2 (a test uses these names). Convolutions with padding 1 and without a bias, which
        the norm after them would cancel; norms are nn.BatchNorm2d."""
        super().__init__()
        raise NotImplementedError("make conv1, norm1, conv2, norm2")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError("add F(x) to x before the last ReLU")


class Net(nn.Module):
    """pictures [B, 28, 28] bytes -> logits [B, 10] float32, as drawn above; `mean`, `deviation`: of pixels / 255."""

    def __init__(
        self, mean: float = 0.1307, deviation: float = 0.3081, channels: tuple[int, int, int] = (16, 32, 64)
    ) -> None:
        """With the channels above there are 116,602 weights. Convolutions without bias, the last layer with one.

        Keep mean and deviation as buffers (`register_buffer`): they are part of the network, so its users need not
        know them.
        """
        super().__init__()
        raise NotImplementedError("make the layers of the diagram, with Block in both of the smaller pictures")

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError("bytes to floats, scale, add the channel, and go down the diagram")
