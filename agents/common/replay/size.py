"""How much memory a replay takes: reported before a training starts, and refused if there is less."""

from __future__ import annotations

from typing import Any

import numpy as np
import psutil

from tengen.errors import UserError


def replay_bytes(steps: int, obs_shape: tuple[int, ...], obs_dtype: np.dtype[Any]) -> int:
    """Bytes that a replay of `steps` environment steps takes."""
    frame = int(np.prod(obs_shape[1:] if len(obs_shape) == 3 else obs_shape)) * np.dtype(obs_dtype).itemsize
    return steps * (frame + 1 + 1 + 4 + 4 + 1 + 1 + 16)  # the fields of a FrameRing, and at most 16 for a sum tree


def check_memory(steps: int, obs_shape: tuple[int, ...], obs_dtype: np.dtype[Any]) -> str:
    """What the replay will take, in words; UserError where the machine has less."""
    need, free = replay_bytes(steps, obs_shape, obs_dtype), psutil.virtual_memory().available
    if need > free:
        raise UserError(
            f"a replay of {steps:,} steps needs {need / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; "
            f"use --replay {int(steps * free / need * 0.8):,} or less".replace(",", "_")
        )
    return f"the replay of {steps:,} steps takes {need / 1e9:.2f} GB of memory when full ({free / 1e9:.1f} GB are free)"
