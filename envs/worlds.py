"""Resolves a task name to a world and makes it.

    pong, breakout, ALE/Pong-v5, MsPacman …   an Atari game (ale-py)
    bandit, corridor, catch                   a toy world (envs/toy.py)
    CartPole-v1, FrozenLake-v1, cliffwalking … a Gymnasium id

To add a toy, write its class in a new file and add a line to `TOYS`. To add a kind of world, write a `VecEnv` adapter
in a new file and add an entry to `KINDS`. Test it with `check_laws` in envs/laws.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from envs import atari, gym
from envs.toy import Toy
from envs.vector import VecEnv
from tengen.errors import unknown
from tengen.lookup import find

TOYS = {  # name -> module:class
    "bandit": "envs.toy:Bandit",
    "corridor": "envs.toy:Corridor",
    "catch": "envs.toy:Catch",
}


def toy(name: str) -> type[Toy]:
    """The class of the toy world `name`."""
    found: type[Toy] = find(TOYS[name])
    return found


class Kind(NamedTuple):
    """A family of worlds with a common way to find and make them."""

    find: Callable[[str], str | None]  # task name, in any spelling -> the world's canonical name, or None
    names: Callable[[], list[str]]  # all of this kind
    make: Callable[..., VecEnv]  # (name, num_envs, **options of this kind)
    optimum: Callable[[str], float | None]  # the best possible mean score, if known
    has_options: bool = False


# Tried in this order; the first that knows a name wins
KINDS = {
    "toy": Kind(
        find=lambda task: task.lower() if task.lower() in TOYS else None,
        names=lambda: list(TOYS),
        make=lambda name, num_envs: toy(name)(num_envs),
        optimum=lambda name: toy(name).optimum,
    ),
    "atari": Kind(atari.atari_name, atari.atari_games, atari.AtariVec, atari.atari_optimum, has_options=True),
    "gym": Kind(gym.gym_name, gym.gym_ids, gym.GymVec, gym.gym_optimum),
}


class World(NamedTuple):
    name: str
    kind: str  # a key of `KINDS`


def find_world(task: str) -> World:
    """The world that `task` names, in any spelling; otherwise a `UserError` that suggests similar names."""
    for kind, worlds in KINDS.items():
        if name := worlds.find(task):
            return World(name, kind)
    raise unknown("task", task, [name for kind in KINDS.values() for name in kind.names()])


def make_world(world: World, num_envs: int, **options: Any) -> VecEnv:
    """`num_envs` games of `world`. `options` are those of `AtariVec`; other worlds ignore them."""
    kind = KINDS[world.kind]
    return kind.make(world.name, num_envs, **(options if kind.has_options else {}))


def optimum(world: World) -> float | None:
    """The best possible mean score, if known."""
    return KINDS[world.kind].optimum(world.name)
