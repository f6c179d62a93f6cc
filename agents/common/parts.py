"""Rollouts played elsewhere: how they are sent, and reassembled.

    where they are played                          here
    Rollout over `Newest`  ── pack ──▶ Part  ── put ──▶ columns of a Rollout

Each screen is sent once, as bytes, never as a stack of four: [T + 3, b, H, W] for T steps of b games.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from agents.common.rollout import ObservationBuffer, Rollout
from envs.vector import Episode, Journal


class Newest:
    """Replaces an `ObservationBuffer` for T steps of B stacks: keeps each screen once."""

    def __init__(self, steps: int, num_envs: int, shape: tuple[int, ...]) -> None:
        self._num_envs, self._before = num_envs, shape[0] - 1
        self._frames = np.zeros((steps + self._before, num_envs, *shape[1:]), np.uint8)  # [T + 3, B, H, W]
        self._now = ObservationBuffer(num_envs, shape, np.dtype(np.uint8))

    def write(self, start: int, obs: np.ndarray) -> torch.Tensor:
        """Keep what is new in `obs` [B, 4, H, W], of step `start` / B; returns it ready for a network."""
        t = start // self._num_envs
        if t == 0:
            self._frames[: self._before + 1] = obs.swapaxes(0, 1)
        else:
            self._frames[t + self._before] = obs[:, -1]
        return self._now.write(0, obs)

    def rows(self, count: int) -> np.ndarray:
        """The screens [T + 3, B, H, W] of the first `count` = T * B observations."""
        return self._frames[: count // self._num_envs + self._before]


def rollout_of(steps: int, env: Journal, num_envs: int = 0) -> Rollout:
    """A rollout of the games of `env`, or of `num_envs` such games."""
    return Rollout(steps, num_envs or env.num_envs, env.obs_shape, env.obs_dtype)


def travelling(steps: int, env: Journal) -> Rollout:
    """A rollout that is packed when it has been played."""
    store = Newest(steps, env.num_envs, env.obs_shape) if env.stacked else None
    return Rollout(steps, env.num_envs, env.obs_shape, env.obs_dtype, store)


class Part(NamedTuple):
    """A rollout of b games in transit."""

    seen: np.ndarray  # [T * b, *stored shape], or `stacked`: [T + 3, b, H, W]
    stacked: bool
    action: np.ndarray  # [T, b] bytes
    reward: np.ndarray  # [T, b] float32, as are the next
    discount: np.ndarray  # [T, b]
    valid: np.ndarray  # [T, b] bool
    ended: np.ndarray  # [T, b] bool
    notes: tuple[np.ndarray, ...]  # [T, b] or [T + 1, b]: what the agent wrote down beside it
    episodes: Sequence[Episode]  # that finished meanwhile

    @property
    def steps(self) -> int:
        """T."""
        return len(self.action)

    @property
    def games(self) -> int:
        """b."""
        return self.action.shape[1]


def pack(rollout: Rollout, notes: Sequence[torch.Tensor], episodes: Sequence[Episode]) -> Part:
    """What has been played of `rollout`. Shares its memory."""
    steps = rollout.played // rollout.num_envs
    seen = rollout.store.rows(rollout.played)
    return Part(
        seen,
        isinstance(rollout.store, Newest),
        rollout.action[:steps].numpy().astype(np.uint8),
        rollout.reward[:steps].numpy(),
        rollout.discount[:steps].numpy(),
        rollout.valid[:steps].numpy(),
        rollout.ended[:steps].numpy(),
        tuple(note.numpy() for note in notes),
        episodes,
    )


def put(rollout: Rollout, parts: Sequence[Part], threads: int = 1) -> tuple[torch.Tensor, ...]:
    """Put `parts` side by side into `rollout`, which they fill; returns their notes, [T, B] or [T + 1, B].

    Parts may differ in length: what is missing at the end of one is zero, and not valid.
    """
    rollout.played = sum(part.steps * part.games for part in parts)
    fields = (rollout.action, rollout.reward, rollout.discount, rollout.valid, rollout.ended)
    first = 0
    for part in parts:
        columns = slice(first, first + part.games)
        rollout.obs.put(first, rollout.num_envs, part.seen, part.valid, part.stacked, threads)
        for field, came in zip(fields, part[2:7], strict=True):
            field[: part.steps, columns] = torch.tensor(came)
            field[part.steps :, columns] = 0
        first += part.games
    return tuple(_beside(notes) for notes in zip(*(part.notes for part in parts), strict=True))


def _beside(notes: Sequence[np.ndarray]) -> torch.Tensor:
    longest = max(len(note) for note in notes)
    padded = [np.pad(note, ((0, longest - len(note)), (0, 0))) for note in notes]
    return torch.from_numpy(np.concatenate(padded, axis=1))
