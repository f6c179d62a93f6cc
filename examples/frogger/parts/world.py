"""Frogger in Tengen: four frames a step, grey, 84x84, the last four screens stacked.

obs [B, 4, 84, 84] bytes; actions: nothing, up, right, left, down. Every hop forward pays 1. The frog hops when the
stick is moved, not while it is held: it has to be released before the next hop, and no screen shows whether it is held
(`press`).
"""

from typing import Any

import numpy as np

from envs.atari import atari_name
from envs.vector import Journal, Transition
from envs.worlds import find_world, make_world
from tengen.seeding import Seeds

TASK = "frogger"
ACTIONS = ("nothing", "up", "right", "left", "down")
RESEED_EVERY = 100_000  # environment steps


def make(games: int, seed: int, task: str = TASK) -> Journal:
    """`games` parallel games to learn from, which a checkpoint can restore exactly (`state`, `load`).

    step(actions [B]) returns a record of: obs [B, 4, 84, 84], reward [B], terminated, truncated, valid, ended [B] bool,
    and discount [B]: 0 where no value follows (the game ended by its own rules, or a life was lost), else 1. One step
    after a game ends, the next one begins by itself; the action of that step is ignored, and `valid` is False.

    Actions are sticky, repeated with probability 0.25 (Machado et al. 2018, arXiv:1709.06009), as in evaluation. A lost
    life counts as an end in training, never in evaluation.
    """
    options: dict[str, Any] = {"repeat_action_probability": 0.25, "life_loss_ends": True} if atari_name(task) else {}
    return Journal(make_world(find_world(task), games, **options), Seeds(seed), RESEED_EVERY)


def press(env: Journal, action: np.ndarray) -> Transition:
    """A decision of two steps: `action` [B], then nothing, so that every decision can be a hop. Both as one record.

    If a game ends with the first step, the second begins the next game: only its obs are used. If a life is lost in the
    first step, the reward of the second belongs to the next life and is dropped.
    """
    first = env.step(action)
    second = env.step(np.zeros_like(action))
    return second._replace(
        reward=first.reward + first.discount * second.reward,
        discount=first.discount * second.discount,
        terminated=first.terminated | second.terminated,
        truncated=first.truncated | second.truncated,
        valid=first.valid,
    )
