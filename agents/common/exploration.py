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
    """Actions [count] int64 on the CPU: each random with probability `epsilon`, else the greedy one.

    `greedy` gives the greedy actions [count]; where all are random it is not called, which saves a network's time.
    """
    random, uniform = _draws(generator, num_actions, count)
    explore = uniform < epsilon
    return random if explore.all() else torch.where(explore, random, greedy().cpu())


def _draws(
    generator: np.random.Generator | torch.Generator, num_actions: int, count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Random actions [count], and numbers [count] in [0, 1). Either kind of generator: checkpoints hold both."""
    if isinstance(generator, torch.Generator):
        return torch.randint(num_actions, (count,), generator=generator), torch.rand(count, generator=generator)
    return torch.from_numpy(generator.integers(num_actions, size=count)), torch.from_numpy(generator.random(count))
