"""Exploration: mostly random actions at first, hardly any later."""

import torch


def epsilon_at(step: int, steps: int, fraction: float, last: float) -> float:
    """The fraction of random actions: falls linearly from 1 at the start to `last` at `fraction * steps`, then stays.

    step, steps: environment steps so far and of the whole run.
    """
    return max(last, 1 - (1 - last) * step / (fraction * steps))


def epsilon_greedy(q: torch.Tensor, epsilon: float, generator: torch.Generator) -> torch.Tensor:
    """Actions [B] int64 for q [B, A]: the best, or with probability `epsilon`, decided per game, a random one.

    Random: all actions are equally likely, the best included. Draw both with `generator`: a number per game that
    decides, and an action per game.
    """
    games, actions = q.shape
    explores = torch.rand(games, generator=generator) < epsilon
    anything = torch.randint(actions, (games,), generator=generator)
    return torch.where(explores, anything, q.argmax(1))
