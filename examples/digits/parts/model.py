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
        """Convolutions with padding 1 and without a bias, which the norm after them would cancel."""
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        f = functional.relu(self.norm1(self.conv1(x)))
        return functional.relu(x + self.norm2(self.conv2(f)))


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
        first, second, third = channels
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("deviation", torch.tensor(deviation))

        def convolution(before: int, after: int) -> list[nn.Module]:
            return [nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]

        self.body = nn.Sequential(
            *convolution(1, first),
            nn.MaxPool2d(2),
            *convolution(first, second),
            Block(second),
            nn.MaxPool2d(2),
            *convolution(second, third),
            Block(third),
        )
        self.classes = nn.Linear(third, 10)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        x = (pictures[:, None].float() / 255 - self.mean) / self.deviation  # [B, 1, 28, 28]
        return self.classes(self.body(x).mean((2, 3)))
