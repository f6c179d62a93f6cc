"""Frogger, as Tengen plays it: four frames a step, grey, 84x84, the last four screens stacked.

obs [B, 4, 84, 84] bytes; actions: nothing, up, right, left, down. A hop forward pays 1, a frog that is home pays more.
The frog hops when the stick is moved, not while it is held: whoever holds it has to let it go before the next hop, and
no screen shows whether it is held (`press`).
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
    """`games` games side by side to learn from, which a checkpoint can restore exactly (`state`, `load`).

    step(actions [B]) gives a record of: obs [B, 4, 84, 84], reward [B], terminated, truncated, valid, ended [B] bool,
    and discount [B]: 0 where no value follows, that is where the game ended by its own rules or a life was lost, else
    1. A game that has ended begins anew by itself, one step later; the action of that step is ignored, and `valid` is
    False.

    Actions are repeated with probability 0.25 (sticky: Machado et al. 2018, arXiv:1709.06009), as they are when the
    policy is judged. A lost life counts as an end while learning, never while judging.
    """
    options: dict[str, Any] = {"repeat_action_probability": 0.25, "life_loss_ends": True} if atari_name(task) else {}
    return Journal(make_world(find_world(task), games, **options), Seeds(seed), RESEED_EVERY)


def press(env: Journal, action: np.ndarray) -> Transition:
    """A decision that takes two steps: `action` [B] for the first, nothing for the second, so that every decision can
    be a hop. What both brought, as one record.

    Where a game ends with the first step, the second one begins the next game: obs are those of the new one, and
    nothing else of it is counted. After a life was lost in the first, what the second pays belongs to the next life.
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
