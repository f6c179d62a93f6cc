"""Experience as it is sent from the actors to the replay: each screen once, as bytes, never stacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from envs.vector import Transition


class Experience(NamedTuple):
    """T rows of B games; row t holds the observation at which action t was chosen, and its result."""

    frame: np.ndarray  # [T, B, H, W] uint8 newest screens, or [T, B, *obs_shape]
    action: np.ndarray  # [T, B] uint8
    reward: np.ndarray  # [T, B] float32, to learn from
    discount: np.ndarray  # [T, B] float32, without gamma
    valid: np.ndarray  # [T, B] bool, False where the action was ignored
    ended: np.ndarray  # [T, B] bool, the game ended by this step
    error: np.ndarray | None = None  # [T, B] float32, of the rows n before; NaN: unknown (agents/dqn/priorities.py)

    @property
    def bytes(self) -> int:
        return sum(part.nbytes for part in self if part is not None)


def one_round(
    obs: np.ndarray, action: np.ndarray, transition: Transition, reward: np.ndarray, discount: np.ndarray
) -> Experience:
    """What was seen [B, *obs_shape], done [B] and came of it as one row (T = 1).

    Observations [B, frames, H, W] are stacks whose last frame is the newest. `reward` and `discount` [B] are those to
    learn from.
    """
    frame = obs[:, -1] if obs.ndim == 4 else obs
    row = (frame, action.astype(np.uint8), reward, discount, transition.valid, transition.ended)
    return Experience(*(part[None] for part in row))


def joined(rounds: Sequence[Experience]) -> Experience:
    """Rows that follow each other, as one record; without errors."""
    return (
        rounds[0]
        if len(rounds) == 1
        else Experience(*(np.concatenate(parts) for parts in zip(*rounds, strict=True) if parts[0] is not None))
    )
