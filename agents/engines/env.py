"""A `VecEnv` of Tengen as Gymnasium's `VectorEnv`, for libraries that step many games at once.

Both use NEXT_STEP autoreset: after a game has ended, its next step is a reset, in which the action is ignored and no
row is kept. If a return ends but not the game (a lost life, or a point with `point_ends`), the library is told the same
and the game continues:

    game        ...   point     serve     ...        terminated   autoreset
    told        ...   end       reset     ...        end          reset
    learned     yes   yes       no        yes        yes          no

So one uneventful row is not learned from; its action is played.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np
from gymnasium.spaces import Box, Discrete, Space
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from agents.common.rewards import learned_from
from envs.vector import Episode, VecEnv
from tengen.seeding import Seeds


class Played(NamedTuple):
    """What has happened since the last call."""

    steps: int  # environment steps over all games, as Tengen counts them
    seconds: float  # of the environment
    finished: list[Episode]


class GymnasiumVector(VectorEnv):
    """B games of `env`. Rewards are those for learning; `take` gives the raw scores."""

    def __init__(self, env: VecEnv, seed: int, *, clip: bool = False, point_ends: bool = False) -> None:
        """`seed` is that of the first reset without one; `clip` and `point_ends` as in agents/common/rewards.py."""
        self.env, self._seed, self._resets = env, seed, 0
        self._clip, self._point_ends = clip, point_ends
        self.num_envs = env.num_envs
        self.metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}
        self.single_observation_space = space_of(env.obs_shape, env.obs_dtype)
        self.single_action_space = Discrete(env.num_actions)
        self.observation_space = batch_space(self.single_observation_space, env.num_envs)
        self.action_space = batch_space(self.single_action_space, env.num_envs)
        self._seconds, self._steps = 0.0, 0
        self._told = np.zeros(env.num_envs, bool)  # that a game has ended, in the last step
        self._finished: list[Episode] = []
        self._clear()

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """First observations [B, *obs_shape]. Neighbouring seeds give different games."""
        del options
        given = seed[0] if isinstance(seed, list) else seed
        if given is None:
            given, self._resets = self._seed, self._resets + 1
            number = self._resets
        else:
            number = 0
        self._clear()
        return self.env.reset(Seeds(given).integer("environment", number)), {}

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Observations [B, *obs_shape], rewards to learn from [B] float32, terminated [B], truncated [B], no infos."""
        begun = time.perf_counter()
        t = self.env.step(np.asarray(actions, np.int64))
        self._seconds += time.perf_counter() - begun
        reward, discount = learned_from(t, self._clip, self._point_ends)
        kept = ~self._told  # rows that the caller does not take for a reset
        over = kept & ((discount == 0) | ~t.valid)
        truncated = kept & t.truncated & ~over
        self._told = over | truncated
        self._account(t.reward, t.valid, t.ended)
        return t.obs, reward, over, truncated, {}

    def take(self) -> Played:
        """What has happened since the last call."""
        played = Played(self._steps, self._seconds, self._finished)
        self._steps, self._seconds, self._finished = 0, 0.0, []
        return played

    def close_extras(self, **kwargs: Any) -> None:
        self.env.close()

    def _clear(self) -> None:
        self._told = np.zeros(self.num_envs, bool)
        self._score, self._clipped = np.zeros(self.num_envs), np.zeros(self.num_envs)
        self._length = np.zeros(self.num_envs, np.int64)

    def _account(self, reward: np.ndarray, valid: np.ndarray, ended: np.ndarray) -> None:
        self._steps += self.num_envs
        self._score += reward
        self._clipped += np.clip(reward, -1, 1)
        self._length += valid
        for i in np.flatnonzero(ended):
            self._finished.append(Episode(float(self._score[i]), float(self._clipped[i]), int(self._length[i])))
            self._score[i] = self._clipped[i] = self._length[i] = 0


def space_of(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Space[Any]:
    """The space of one observation: bytes, or floats without bounds."""
    if dtype == np.uint8:
        return Box(0, 255, shape, np.uint8)
    return Box(-np.inf, np.inf, shape, np.float32)
