"""Actor and critic: from an observation to a probability for each action, and to the expected return."""

import torch
from torch import nn


class ActorCritic(nn.Module):
    """Two perceptrons that share nothing, each with two hidden layers of `width` tanh.

    obs [B, *shape] -> (logits [B, actions], value [B]); `features` is the product of `shape`. The value estimates the
    discounted return from here on.
    """

    def __init__(self, features: int, width: int, actions: int) -> None:
        """`policy`: linear, tanh, linear, tanh, linear to `actions`. `critic`: the same to 1.

        Multiply the weights of the policy's last layer by 0.01 and set its bias to 0: a policy that starts nearly
        uniform explores; one that starts with preferences has to unlearn them first (Andrychowicz et al. 2020,
        arXiv:2006.05990, section 3.2).
        """
        super().__init__()

        def tower(out):
            return nn.Sequential(
                nn.Linear(features, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, out)
            )

        self.policy, self.critic = tower(actions), tower(1)
        self.policy[-1].weight.data.mul_(0.01)
        self.policy[-1].bias.data.zero_()

    def forward(self, obs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """obs [B, *shape] bytes or floats -> (logits [B, A], value [B])."""
        x = obs.float().flatten(1)
        return self.policy(x), self.critic(x).squeeze(1)


def draw(logits: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """An action [B] int64 for each row of `logits` [B, A], sampled with probability softmax(logits)."""
    return torch.multinomial(logits.softmax(1), 1, generator=generator).squeeze(1)
