"""T steps in B environments, for agents that learn from fresh experience.

Screens are stored with channels last: the layout that convolutions want is made once, when a frame
comes in, instead of once for every epoch that reads it.

Rollouts played elsewhere arrive in parts (parts.py); their rows are the same as if played here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Protocol

import numpy as np
import torch

from agents.common.rewards import learned_from
from agents.common.rollout_kernels import interleave_four, stack_frames
from envs.vector import Transition
from tengen.jit import spread


class ObservationBuffer:
    """`rows` observations, read back as minibatches. Screens [C, H, W] are stored as [H, W, C]."""

    def __init__(self, rows: int, shape: tuple[int, ...], dtype: np.dtype) -> None:
        self._screen = len(shape) == 3
        stored = (*shape[1:], shape[0]) if self._screen else shape
        kind = torch.uint8 if dtype == np.uint8 else torch.float32
        self._stored = torch.zeros((rows, *stored), dtype=kind)
        # Rows are gathered as eight-byte words: gathering bytes one by one is forty times slower.
        flat = self._stored.view(rows, -1)
        self._words = flat.view(torch.int64) if flat.element_size() * flat.shape[1] % 8 == 0 else flat
        self._dtype = kind
        # The usual screens have a kernel of their own: torch takes twenty times as long.
        self._four_frames = self._screen and shape[0] == 4 and kind == torch.uint8

    def write(self, start: int, obs: np.ndarray) -> torch.Tensor:
        """Store `obs` [B, *shape] from row `start` on; returns the stored rows, ready for a network."""
        rows = self._stored[start : start + len(obs)]
        if self._four_frames and obs.flags.c_contiguous:
            interleave_four(obs.reshape(len(obs), 4, -1), rows.flatten(1).numpy())
        else:
            source = torch.from_numpy(obs)
            rows.copy_(source.permute(0, 2, 3, 1) if self._screen else source)
        return self._out(rows)

    def take(self, index: torch.Tensor) -> torch.Tensor:
        """Rows `index` as [len(index), *shape]."""
        taken = self._words.index_select(0, index).view(self._dtype).view(-1, *self._stored.shape[1:])
        return self._out(taken)

    def put(self, first: int, of: int, seen: np.ndarray, valid: np.ndarray, stacked: bool, threads: int) -> None:
        """Store what was seen in the games from `first` on of `of`, where row t of game g is t * of + g.

        `seen`: observations [T * b, *stored shape], or, if `stacked`, each screen once [T + 3, b, H, W]; `valid`
        [T, b] then says where games began.
        """
        steps, games = valid.shape
        if stacked:
            frames, black = seen.reshape(*seen.shape[:2], -1), np.zeros(seen[0, 0].size, np.uint8)
            out = self._stored.flatten(1).numpy()  # [rows, H * W * 4]
            spread(partial(stack_frames, frames, valid, black, out, first, of), steps, threads, smallest=8)
        else:
            rows = self._stored[: steps * of].unflatten(0, (steps, of))[:, first : first + games]
            rows.copy_(torch.tensor(seen).unflatten(0, (steps, games)))

    def rows(self, count: int) -> np.ndarray:
        """The first `count` observations as they are stored."""
        return self._stored[:count].numpy()

    def _out(self, rows: torch.Tensor) -> torch.Tensor:
        return rows.permute(0, 3, 1, 2) if self._screen else rows  # screens: [B, C, H, W], channels-last


class Store(Protocol):
    """Storage for the observations of a rollout."""

    def write(self, start: int, obs: np.ndarray) -> torch.Tensor:
        """Store `obs` [B, *shape] from row `start` on; returns them ready for a network."""
        ...

    def rows(self, count: int) -> np.ndarray:
        """The first `count` observations as they are stored."""
        ...


class Rollout:
    """T steps of B environments. Row t is where action t was chosen; see agents/common/returns.py on `valid`."""

    def __init__(
        self,
        steps: int,
        num_envs: int,
        obs_shape: tuple[int, ...],
        obs_dtype: np.dtype,
        store: Store | None = None,
    ) -> None:
        """Observations go into `store`, if they are not to be learned from here."""
        self.steps, self.num_envs = steps, num_envs
        self.played = 0  # environment steps over all games
        self.store = store or ObservationBuffer(steps * num_envs, obs_shape, obs_dtype)
        shape = (steps, num_envs)
        self.action = torch.zeros(shape, dtype=torch.int64)  # [T, B]
        self.reward = torch.zeros(shape)  # [T, B] as learned from: clipped if the agent clips
        self.discount = torch.zeros(shape)  # [T, B] 0 or 1, without gamma
        self.valid = torch.zeros(shape, dtype=torch.bool)  # [T, B]
        self.ended = torch.zeros(shape, dtype=torch.bool)  # [T, B] a game ended by this step

    @property
    def obs(self) -> ObservationBuffer:
        assert isinstance(self.store, ObservationBuffer), "these observations are not kept here"
        return self.store

    def observe(self, t: int, obs: np.ndarray) -> torch.Tensor:
        """Store observation t; returns it ready for a network."""
        return self.store.write(t * self.num_envs, obs)

    def record(
        self, t: int, action: torch.Tensor, transition: Transition, clip: bool, point_ends: bool = False
    ) -> None:
        """Store what step t brought; `clip` and `point_ends` as in agents/common/rewards.py."""
        reward, discount = learned_from(transition, clip, point_ends)
        self.action[t] = action
        self.reward[t] = torch.from_numpy(reward)
        self.discount[t] = torch.from_numpy(discount)
        self.valid[t] = torch.from_numpy(transition.valid)
        self.ended[t] = torch.from_numpy(transition.ended)
        self.played = (t + 1) * self.num_envs

    def minibatches(self, size: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
        """Indices into the flat [T * B] rows, each row once, in random order."""
        order = torch.randperm(self.steps * self.num_envs, generator=generator)
        yield from order.split(size)
