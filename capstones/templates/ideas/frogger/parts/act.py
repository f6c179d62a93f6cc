"""Trying things out: mostly at first, hardly ever later."""

import torch


def epsilon_at(step: int, steps: int, fraction: float, last: float) -> float:
    """The fraction of random actions: it falls linearly from 1 at the start to `last` at `fraction * steps`, and stays.

    step, steps: environment steps so far and of the whole training.
    """
    raise NotImplementedError("a line from 1 to last, and flat after it")


def epsilon_greedy(q: torch.Tensor, epsilon: float, generator: torch.Generator) -> torch.Tensor:
    """Actions [B] int64 of q [B, A]: the best, but with probability `epsilon`, for each game alone, any of them.

    Any: all are equally likely, the best one too. Draw both with `generator`: a number for each game that decides, and
    an action for each game.
    """
    raise NotImplementedError("argmax, a random action, and torch.where with a random number below epsilon")
