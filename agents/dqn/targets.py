"""The targets of Q(s, a): the reward plus the discounted value of the observation that follows it.

The two differ in which network picks the action. The maximum of noisy estimates is an overestimate; if one network
picks and another evaluates, that happens only when their errors agree.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

Values = Callable[[torch.Tensor], torch.Tensor]  # observations [N, *obs_shape] -> action values [N, A]
Target = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, Values, Values], torch.Tensor]


def dqn_target(
    reward: torch.Tensor,  # [N]
    discount: torch.Tensor,  # [N] gamma (of n steps gamma^n), 0 where nothing follows
    later: torch.Tensor,  # [N, *obs_shape] what follows
    q: Values,
    q_target: Values,
) -> torch.Tensor:
    """y = r + gamma max_a Q_target(s', a) [N] (Mnih 2015, Algorithm 1)."""
    return reward + discount * q_target(later).amax(1)


def double_q_target(
    reward: torch.Tensor,  # [N]
    discount: torch.Tensor,  # [N]
    later: torch.Tensor,  # [N, *obs_shape]
    q: Values,
    q_target: Values,
) -> torch.Tensor:
    """y = r + gamma Q_target(s', argmax_a Q(s', a)) [N] (van Hasselt 2015, arXiv:1509.06461, Eq. 4)."""
    best = q(later).argmax(1, keepdim=True)  # [N, 1]
    return reward + discount * q_target(later).gather(1, best).squeeze(1)
