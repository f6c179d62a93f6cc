"""The network: from a position to a logit for each column, and to a value (Silver et al. 2018, Science 362).

planes [B, 3, 6, 7]
  3x3 convolution to `channels`, norm, ReLU                [B, channels, 6, 7]
  `blocks` residual blocks                                 [B, channels, 6, 7]
  policy: 1x1 convolution to 2, norm, ReLU, linear         [B, 7] logits
  value:  1x1 convolution to 2, norm, ReLU, linear to 32,
          ReLU, linear, tanh                               [B]
"""

import numpy as np
import torch
from torch import nn

from parts.game import GAME


class Block(nn.Module):
    """y = ReLU(x + F(x)), F: 3x3 convolution, norm, ReLU, 3x3 convolution, norm. x [B, C, H, W] -> [B, C, H, W].

    (He, Zhang, Ren & Sun 2015, arXiv:1512.03385)
    """

    def __init__(self, channels: int) -> None:
        """Convolutions with padding 1 and without a bias; norms are nn.BatchNorm2d."""
        super().__init__()
        raise NotImplementedError("two convolutions and two norms")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError("add F(x) to x before the last ReLU")


class Net(nn.Module):
    """planes [B, 3, 6, 7] int8 -> (logits [B, 7], value [B]), as drawn above.

    The value is from the point of view of the player to move: 1 wins, -1 loses. Logits of full columns are not masked
    here: that is for code that knows the rules.
    """

    def __init__(self, channels: int = 32, blocks: int = 3) -> None:
        super().__init__()
        raise NotImplementedError("make the layers of the diagram, with Block for the tower")

    def forward(self, planes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        raise NotImplementedError("to float, down the diagram; the value without its last dimension")


class Evaluator:
    """A network as a search needs it: states [B] -> (priors [B, 7] over legal columns, values [B]), in numpy."""

    def __init__(self, net: nn.Module) -> None:
        self.net = net

    @torch.inference_mode()
    def __call__(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Priors are 0 where a column is full. Norms use their running averages: a position's value must not depend
        on the other positions in the batch."""
        self.net.eval()
        logits, value = self.net(torch.from_numpy(GAME.encode(states)))
        legal = torch.from_numpy(GAME.legal(states))
        priors = logits.masked_fill(~legal, -torch.inf).softmax(1)
        return priors.numpy(), value.numpy()
