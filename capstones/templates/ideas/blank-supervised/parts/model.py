"""The network: from an example to a logit for each class."""

import torch
from torch import nn


class Net(nn.Module):
    """A perceptron with one hidden layer of `width` ReLUs (Rumelhart, Hinton & Williams 1986).

    inputs [B, features] float32 -> logits [B, classes] float32, without a softmax, which is part of the loss.
    """

    def __init__(self, features: int, width: int, classes: int) -> None:
        """Two linear layers: features -> width -> classes."""
        super().__init__()
        raise NotImplementedError("make the two layers")

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """inputs [B, features] -> logits [B, classes]: linear, ReLU, linear."""
        raise NotImplementedError("linear, ReLU, linear")
