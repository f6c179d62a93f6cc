"""The policy: from an observation to a probability for each action."""

import torch
from torch import nn


class Policy(nn.Module):
    """A perceptron with one hidden layer of `width` ReLUs.

    obs [B, *shape] bytes or floats -> logits [B, actions]; `features` is the product of `shape`.
    """

    def __init__(self, features: int, width: int, actions: int) -> None:
        """Two linear layers: features -> width -> actions."""
        super().__init__()
        raise NotImplementedError("make the two layers")

    def forward(self, obs: torch.Tensor) -> torch.Tensor:
        """obs [B, *shape] -> logits [B, actions]: as float32, bytes from 0 to 1; flattened; linear, ReLU, linear."""
        raise NotImplementedError("scale bytes by 1/255, flatten, linear, ReLU, linear")


def draw(logits: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """An action [B] int64 for each row of `logits` [B, A], sampled with probability softmax(logits)."""
    raise NotImplementedError("torch.multinomial of the softmax, one a row, with this generator")
