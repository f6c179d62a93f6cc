"""Exploration: mostly random actions at first, hardly any later."""

import torch


def epsilon_at(step: int, steps: int, fraction: float, last: float) -> float:
    """The fraction of random actions: falls linearly from 1 at the start to `last` at `fraction * steps`, then stays.

    step, steps: environment steps so far and of the whole run.
    """
    raise NotImplementedError("a line from 1 to last, and flat after it")


def epsilon_greedy(q: torch.Tensor, epsilon: float, generator: torch.Generator) -> torch.Tensor:
    """Actions [B] int64 for q [B, A]: the best, or with probability `epsilon`, decided per game, a random one.

    Random: all actions are equally likely, the best included. Draw both with `generator`: a number per game that
    decides, and an action per game.
    """
    raise NotImplementedError("argmax, a random action, and torch.where with a random number below epsilon")
