"""Which world a task's name means, and making it.

    pong, breakout, ALE/Pong-v5, MsPacman …   an Atari game (ale-py)
    bandit, corridor, catch                   a toy world (envs/toy.py)
    CartPole-v1, FrozenLake-v1, cliffwalking … a Gymnasium id

One more toy is a class in a file of its own and a line in `TOYS`; one more kind of world is an adapter to `VecEnv` in
a file of its own and an entry of `KINDS`. `check_laws` in envs/laws.py says whether it keeps its promises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from envs import atari, gym
from envs.toy import Toy
from envs.vector import VecEnv
from tengen.errors import unknown
from tengen.lookup import find

TOYS = {  # name -> its class, as module:class
    "bandit": "envs.toy:Bandit",
    "corridor": "envs.toy:Corridor",
    "catch": "envs.toy:Catch",
}


def toy(name: str) -> type[Toy]:
    """The class of the toy world `name`."""
    found: type[Toy] = find(TOYS[name])
    return found


class Kind(NamedTuple):
    """A family of worlds that are made the same way."""

    find: Callable[[str], str | None]  # a task's name, in any spelling -> the world's own name, if it is of this kind
    names: Callable[[], list[str]]  # all that there are
    make: Callable[..., VecEnv]  # (name, num_envs, **options of this kind)
    optimum: Callable[[str], float | None]  # the best possible mean score, where it is known
    has_options: bool = False


# Asked in this order: the first that knows a name has it
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
    """The world that `task` names, whatever its spelling; else a `UserError` with the nearest names."""
    for kind, worlds in KINDS.items():
        if name := worlds.find(task):
            return World(name, kind)
    raise unknown("task", task, [name for kind in KINDS.values() for name in kind.names()])


def make_world(world: World, num_envs: int, **options: Any) -> VecEnv:
    """`num_envs` games of `world`; `options` are those of `AtariVec`, ignored by other worlds."""
    kind = KINDS[world.kind]
    return kind.make(world.name, num_envs, **(options if kind.has_options else {}))


def optimum(world: World) -> float | None:
    """The best possible mean score, where it is known."""
    return KINDS[world.kind].optimum(world.name)
