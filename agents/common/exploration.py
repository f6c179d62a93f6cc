"""Exploration for agents that learn action values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch


def epsilon_greedy(
    epsilon: float,
    num_actions: int,
    count: int,
    generator: np.random.Generator | torch.Generator,
    greedy: Callable[[], torch.Tensor],
) -> torch.Tensor:
    """Actions [count] int64 on the CPU: random with probability `epsilon` each, else greedy.

    `greedy` returns the greedy actions [count]; it is not called if all are random, which saves a forward pass.
    """
    random, uniform = _draws(generator, num_actions, count)
    explore = uniform < epsilon
    return random if explore.all() else torch.where(explore, random, greedy().cpu())


def _draws(
    generator: np.random.Generator | torch.Generator, num_actions: int, count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Random actions [count] and numbers [count] in [0, 1), for both kinds of generator: checkpoints hold either."""
    if isinstance(generator, torch.Generator):
        return torch.randint(num_actions, (count,), generator=generator), torch.rand(count, generator=generator)
    return torch.from_numpy(generator.integers(num_actions, size=count)), torch.from_numpy(generator.random(count))
