"""Trying things out: mostly at first, hardly ever later."""

import torch


def epsilon_at(step: int, steps: int, fraction: float, last: float) -> float:
    """The fraction of random actions: it falls linearly from 1 at the start to `last` at `fraction * steps`, and stays.

    step, steps: environment steps so far and of the whole training.
    """
    return max(last, 1 + (last - 1) * min(1.0, step / (fraction * steps)))


def epsilon_greedy(q: torch.Tensor, epsilon: float, generator: torch.Generator) -> torch.Tensor:
    """Actions [B] int64 of q [B, A]: the best, but with probability `epsilon`, for each game alone, any of them.

    Any: all are equally likely, the best one too. Draw both with `generator`: a number for each game that decides, and
    an action for each game.
    """
    random = torch.randint(q.shape[1], (len(q),), generator=generator)
    explores = torch.rand(len(q), generator=generator) < epsilon
    return torch.where(explores, random, q.argmax(1))
