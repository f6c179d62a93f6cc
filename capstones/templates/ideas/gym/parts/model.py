"""Actor and critic: from an observation to a probability for each action, and to the expected return."""

import torch
from torch import nn


class ActorCritic(nn.Module):
    """Two perceptrons that share nothing, each with two hidden layers of `width` tanh.

    obs [B, *shape] -> (logits [B, actions], value [B]); `features` is the product of `shape`. The value estimates the
    discounted return from here on.
    """

    def __init__(self, features: int, width: int, actions: int) -> None:
        """`policy`: linear, tanh, linear, tanh, linear to `actions`. `critic`: the same to 1. (Tests use these names.)

        Multiply the weights of the policy's last layer by 0.01 and set its bias to 0: a policy that starts nearly
        uniform explores; one that starts with preferences has to unlearn them first (Andrychowicz et al. 2020,
        arXiv:2006.05990, section 3.2).
        """
        super().__init__()
        raise NotImplementedError("make policy and critic, two nn.Sequential")

    def forward(self, obs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """obs [B, *shape] bytes or floats -> (logits [B, A], value [B]). Flatten first; mind the shape of the value."""
        raise NotImplementedError("flatten as float32, then both; drop the value's last dimension")


def draw(logits: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """An action [B] int64 for each row of `logits` [B, A], sampled with probability softmax(logits)."""
    raise NotImplementedError("torch.multinomial of the softmax, one a row, with this generator")
