"""Which world a task's name means, and making it.

pong, breakout, ALE/Pong-v5, MsPacman …   an Atari game (ale-py)
bandit, corridor, catch                   a toy world (envs/toy.py)
CartPole-v1, Acrobot-v1 …                 a Gymnasium id
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from envs.toy import TOYS
from envs.vector import VecEnv
from tengen.errors import unknown


class World(NamedTuple):
    name: str
    kind: Literal["atari", "toy", "gym"]


def find_world(task: str) -> World:
    """The world that `task` names, whatever its spelling; else a `UserError` with the nearest names."""
    from envs.atari import atari_games, atari_name

    if task.lower() in TOYS:
        return World(task.lower(), "toy")
    if game := atari_name(task):
        return World(game, "atari")
    import gymnasium as gym

    ids = {name.lower(): name for name in gym.registry if "/" not in name}
    if found := ids.get(task.lower()):
        return World(found, "gym")
    newest = [name for name in ids.values() if name.lower().startswith(f"{task.lower()}-v")]
    if newest:
        return World(max(newest, key=lambda name: int(name.rsplit("-v", 1)[1])), "gym")
    others = [name for name in ids.values() if atari_name(name) is None]
    raise unknown("task", task, [*TOYS, *atari_games(), *others])


def make_world(world: World, num_envs: int, **atari: Any) -> VecEnv:
    """`num_envs` games of `world`; `atari` are the options of `AtariVec`, ignored by other worlds."""
    if world.kind == "atari":
        from envs.atari import AtariVec

        return AtariVec(world.name, num_envs, **atari)
    if world.kind == "toy":
        return TOYS[world.name](num_envs)
    from envs.gym import GymVec

    return GymVec(world.name, num_envs)


def optimum(world: World) -> float | None:
    """The best possible mean score, where it is known."""
    if world.kind == "toy":
        return TOYS[world.name].optimum
    return {"CartPole-v1": 500.0, "pong": 21.0}.get(world.name)
