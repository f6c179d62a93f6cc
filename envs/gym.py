"""Any Gymnasium environment with discrete actions, as a `VecEnv`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from envs.atari import atari_name
from envs.vector import Transition
from tengen.errors import UserError, unknown

if TYPE_CHECKING:
    from gymnasium.spaces import Space

_LONGEST = 1000  # step limit for environments without their own (CliffWalking)
_OPTIMA = {"CartPole-v1": 500.0, "CliffWalking-v1": -13.0}  # known best mean scores


class GymVec:
    """B copies of `gym.make(id)`. Observations: [B, *shape], as given by `view_of` the observation space."""

    frames_per_step = 1

    def __init__(self, env_id: str, num_envs: int) -> None:
        import gymnasium as gym
        from gymnasium.spaces import Discrete
        from gymnasium.vector import AutoresetMode, SyncVectorEnv

        if env_id not in gym.registry:
            raise unknown("Gymnasium environment", env_id, gym.registry)
        limit = {} if gym.spec(env_id).max_episode_steps else {"max_episode_steps": _LONGEST}
        try:
            self._env = SyncVectorEnv(
                [lambda: gym.make(env_id, **limit)] * num_envs,  # type: ignore[arg-type]
                autoreset_mode=AutoresetMode.NEXT_STEP,
            )
        except gym.error.DependencyNotInstalled as error:
            # gymnasium's own extra pins box2d-py, which has no wheel and needs swig; the package box2d has one
            advice = "pip install box2d" if "Box2D" in str(error) else error
            raise UserError(f"{env_id} needs a package that is not installed: {advice}") from error
        actions, obs = self._env.single_action_space, self._env.single_observation_space
        view = view_of(obs)
        if not isinstance(actions, Discrete) or view is None:
            raise UserError(
                f"{env_id} has actions {actions} and observations {obs}; Tengen's agents need actions that are"
                " Discrete and observations that are Box or Discrete"
            )
        self.num_envs = num_envs
        self.num_actions = int(actions.n)
        self._first_action = int(actions.start)
        self.obs_shape, self.obs_dtype, self._see = view
        self._ended = np.zeros(num_envs, bool)

    def reset(self, seed: int) -> np.ndarray:
        self._ended = np.zeros(self.num_envs, bool)
        return self._see(self._env.reset(seed=seed)[0])

    def step(self, actions: np.ndarray) -> Transition:
        result: Any = self._env.step(actions + self._first_action)
        obs, reward, terminated, truncated, _ = result
        valid = ~self._ended
        self._ended = terminated | truncated
        discount = (~terminated).astype(np.float32)
        return Transition(self._see(obs), reward.astype(np.float32), discount, terminated, truncated, valid)

    def close(self) -> None:
        self._env.close()


class View(NamedTuple):
    """How observations of a Gymnasium space are presented to a network."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    see: Callable[[Any], np.ndarray]  # raw observations of B games -> a new array [B, *shape]


def view_of(space: Space) -> View | None:
    """Box: uint8 unchanged, anything else as float32. Discrete: a one-hot vector [n]. None for any other space."""
    from gymnasium.spaces import Box, Discrete

    if isinstance(space, Box):
        dtype: np.dtype[Any] = np.dtype(np.uint8 if space.dtype == np.uint8 else np.float32)
        return View(tuple(space.shape), dtype, lambda raw: np.array(raw, dtype))
    if isinstance(space, Discrete):
        states, first = int(space.n), int(space.start)
        return View((states,), np.dtype(np.float32), lambda raw: _one_hot(np.asarray(raw) - first, states))
    return None


def _one_hot(states: np.ndarray, count: int) -> np.ndarray:
    out = np.zeros((len(states), count), np.float32)
    out[np.arange(len(states)), states] = 1
    return out


def gym_ids() -> list[str]:
    """Gymnasium's own ids, without the Atari games that ale-py registers (handled by envs/atari.py)."""
    import gymnasium as gym

    return [name for name in gym.registry if "/" not in name and atari_name(name) is None]


def gym_name(task: str) -> str | None:
    """The id that `task` names, in any case; the newest if no version is given. None if there is none."""
    names = {name.lower(): name for name in gym_ids()}
    if found := names.get(task.lower()):
        return found
    versions = [name for name in names.values() if name.lower().startswith(f"{task.lower()}-v")]
    return max(versions, key=lambda name: int(name.rsplit("-v", 1)[1]), default=None)


def gym_optimum(name: str) -> float | None:
    return _OPTIMA.get(name)
