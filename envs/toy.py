"""Small worlds with a known best score, for checking that an agent learns at all.

    name       tests                                               best mean score
    bandit     telling four contexts apart, one step per game      1.0
    corridor   credit assignment over seven steps                  0.94
    catch      an image with one moving dot (Osband 2020, bsuite)  1.0

All are deterministic given the seed and use NEXT_STEP autoreset like every `VecEnv`. To add one, subclass `Toy` and
add a line to envs/worlds.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from envs.vector import Transition


class Toy:
    """B games of one world; subclasses define how a game starts (`_start`), moves (`_move`) and looks (`_look`)."""

    frames_per_step = 1
    num_actions: int
    obs_shape: tuple[int, ...]
    obs_dtype: np.dtype[Any] = np.dtype(np.float32)
    optimum: float  # best possible mean score
    limit = 50  # steps until a game is truncated

    def __init__(self, num_envs: int) -> None:
        self.num_envs = num_envs

    def reset(self, seed: int) -> np.ndarray:
        self._random = np.random.default_rng(seed)
        self._steps = np.zeros(self.num_envs, np.int64)
        self._ended = np.zeros(self.num_envs, bool)
        self._begin()
        self._start(np.ones(self.num_envs, bool))
        return self._look()

    def step(self, actions: np.ndarray) -> Transition:
        valid = ~self._ended
        reward, terminated = self._move(actions, valid)
        self._steps += valid
        truncated = valid & ~terminated & (self._steps >= self.limit)
        if not valid.all():
            self._start(~valid)
            self._steps[~valid] = 0
        self._ended = terminated | truncated
        discount = (~terminated).astype(np.float32)
        return Transition(self._look(), reward, discount, terminated, truncated, valid)

    def close(self) -> None:
        pass

    def _begin(self) -> None:
        """Allocate the arrays that hold the games."""
        raise NotImplementedError

    def _start(self, which: np.ndarray) -> None:
        """Restart the games marked in `which` [B] bool; draw random numbers from `self._random`."""
        raise NotImplementedError

    def _move(self, actions: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(reward [B] float32, terminated [B] bool) of `actions` [B]; rows where `valid` is False do nothing."""
        raise NotImplementedError

    def _look(self) -> np.ndarray:
        """[B, *obs_shape], a new array."""
        raise NotImplementedError


class Bandit(Toy):
    """Four contexts, four arms; the right arm pays 1. Observations: one-hot context [B, 4]."""

    num_actions, obs_shape, optimum = 4, (4,), 1.0
    _right = np.array([2, 0, 3, 1])

    def _begin(self) -> None:
        self._context = np.zeros(self.num_envs, np.int64)

    def _start(self, which: np.ndarray) -> None:
        self._context[which] = self._random.integers(4, size=int(which.sum()))

    def _move(self, actions: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        reward = ((actions == self._right[self._context]) & valid).astype(np.float32)
        return reward, valid.copy()

    def _look(self) -> np.ndarray:
        return np.eye(4, dtype=np.float32)[self._context]


class Corridor(Toy):
    """Eight cells, starting on the left; reward 1 for reaching the right end, -0.01 per step before that.

    Best score: seven steps to the right, 1 - 6 * 0.01 = 0.94. Observations: one-hot cell [B, 8].
    """

    num_actions, obs_shape, optimum = 2, (8,), 0.94

    def _begin(self) -> None:
        self._cell = np.zeros(self.num_envs, np.int64)

    def _start(self, which: np.ndarray) -> None:
        self._cell[which] = 0

    def _move(self, actions: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self._cell = np.where(valid, np.clip(self._cell + 2 * actions - 1, 0, 7), self._cell)
        arrived = (self._cell == 7) & valid
        reward = np.where(arrived, 1.0, -0.01) * valid
        return reward.astype(np.float32), arrived

    def _look(self) -> np.ndarray:
        return np.eye(8, dtype=np.float32)[self._cell]


class Catch(Toy):
    """A ball falls down a 10x5 board; the paddle at the bottom catches it (+1) or not (-1).

    Actions: left, stay, right. Observations: uint8 [B, 1, 10, 5], 255 at the ball and the paddle.
    """

    num_actions, obs_shape, optimum = 3, (1, 10, 5), 1.0
    obs_dtype = np.dtype(np.uint8)

    def _begin(self) -> None:
        self._row = np.zeros(self.num_envs, np.int64)
        self._ball = np.zeros(self.num_envs, np.int64)
        self._paddle = np.zeros(self.num_envs, np.int64)

    def _start(self, which: np.ndarray) -> None:
        self._row[which] = 0
        self._paddle[which] = 2
        self._ball[which] = self._random.integers(5, size=int(which.sum()))

    def _move(self, actions: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self._paddle = np.where(valid, np.clip(self._paddle + actions - 1, 0, 4), self._paddle)
        self._row += valid
        landed = (self._row == 9) & valid
        caught = self._paddle == self._ball
        return np.where(landed, np.where(caught, 1.0, -1.0), 0.0).astype(np.float32), landed

    def _look(self) -> np.ndarray:
        obs = np.zeros((self.num_envs, *self.obs_shape), np.uint8)
        games = np.arange(self.num_envs)
        obs[games, 0, 9, self._paddle] = 255
        obs[games, 0, self._row, self._ball] = 255
        return obs
