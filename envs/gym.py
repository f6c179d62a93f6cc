"""Any Gymnasium environment with discrete actions, by its id, as a `VecEnv`."""

from __future__ import annotations

from typing import Any

import numpy as np

from envs.vector import Transition
from tengen.errors import UserError, unknown


class GymVec:
    """B copies of `gym.make(id)`. obs: [B, *shape], bytes as they are, all else as float32."""

    frames_per_step = 1

    def __init__(self, env_id: str, num_envs: int) -> None:
        import gymnasium as gym
        from gymnasium.spaces import Box, Discrete
        from gymnasium.vector import AutoresetMode, SyncVectorEnv

        if env_id not in gym.registry:
            raise unknown("Gymnasium environment", env_id, gym.registry)
        try:
            self._env = SyncVectorEnv([lambda: gym.make(env_id)] * num_envs, autoreset_mode=AutoresetMode.NEXT_STEP)
        except gym.error.DependencyNotInstalled as error:
            raise UserError(f"{env_id} needs a package that is not installed: {error}") from error
        actions, obs = self._env.single_action_space, self._env.single_observation_space
        if not isinstance(actions, Discrete) or not isinstance(obs, Box):
            raise UserError(
                f"{env_id} has actions {actions} and observations {obs}; Tengen's agents need Discrete and Box"
            )
        self.num_envs = num_envs
        self.num_actions = int(actions.n)
        self._first_action = int(actions.start)
        self.obs_shape = tuple(obs.shape)
        self.obs_dtype: np.dtype[Any] = np.dtype(np.uint8 if obs.dtype == np.uint8 else np.float32)
        self._ended = np.zeros(num_envs, bool)

    def reset(self, seed: int) -> np.ndarray:
        self._ended = np.zeros(self.num_envs, bool)
        obs: Any = self._env.reset(seed=seed)[0]
        return np.array(obs, self.obs_dtype)

    def step(self, actions: np.ndarray) -> Transition:
        result: Any = self._env.step(actions + self._first_action)
        obs, reward, terminated, truncated, _ = result
        valid = ~self._ended
        self._ended = terminated | truncated
        discount = (~terminated).astype(np.float32)
        return Transition(
            np.array(obs, self.obs_dtype), reward.astype(np.float32), discount, terminated, truncated, valid
        )

    def close(self) -> None:
        self._env.close()
