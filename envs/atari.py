"""Atari 2600 games through ale-py's `AtariVectorEnv`, with its pitfalls fixed.

Preprocessing follows Mnih et al. 2015 (max over the last two of four frames, greyscale, 84x84, four frames
stacked) and runs in C++ threads. Our additions:

1. Rewards are raw: the emulator's clipping is off, so the true score is always available.
2. Losing a life never resets the game. With `life_loss_ends` it sets `discount` to 0 (no bootstrapping)
   while `terminated` stays False, and the next step is an ordinary one.
3. The step after a game ends ignores its action: `valid` is False there.
4. SAME_STEP autoreset is available for comparison; its `final_obs` is None unless a game ended in that step.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from envs.vector import Transition
from tengen.errors import unknown


def atari_games() -> list[str]:
    """Names of the ROMs shipped with ale-py, in snake_case."""
    from ale_py import roms

    return sorted(roms.get_all_rom_ids())


def atari_name(task: str) -> str | None:
    """The ROM name for `pong`, `Pong`, `ALE/Pong-v5`, `MsPacman` or `PongNoFrameskip-v4`; otherwise None."""
    base = re.sub(r"(NoFrameskip|Deterministic)?-v\d+$", "", task.removeprefix("ALE/"))
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", base).lower().replace("-", "_")
    return snake if snake in atari_games() else None


def atari_optimum(game: str) -> float | None:
    """The best possible score, if known."""
    return {"pong": 21.0}.get(game)


class AtariVec:
    """B games of one ROM. Observations: uint8 [B, stack, H, W]."""

    frames_per_step = 4

    def __init__(
        self,
        game: str,
        num_envs: int,
        *,
        repeat_action_probability: float = 0.25,
        noop_max: int = 0,
        life_loss_ends: bool = False,
        max_frames: int = 108_000,
        size: tuple[int, int] = (84, 84),
        stack: int = 4,
        colour: bool = False,
        threads: int = 0,
        same_step: bool = False,
    ) -> None:
        """`noop_max` is in agent steps, `max_frames` in emulator frames per episode; `threads=0` uses all cores.

        With `colour` and `stack=1` observations are RGB [B, 1, H, W, 3], for viewing.
        """
        from ale_py import AtariVectorEnv
        from gymnasium.vector import AutoresetMode, VectorEnv

        if game not in atari_games():
            raise unknown("Atari game", game, atari_games())
        shared = dict(VectorEnv.metadata)  # the constructor writes into this class attribute
        self._env = AtariVectorEnv(
            game,
            num_envs,
            repeat_action_probability=repeat_action_probability,
            noop_max=noop_max,
            max_num_frames_per_episode=max_frames,
            img_height=size[0],
            img_width=size[1],
            stack_num=stack,
            grayscale=not colour,
            frameskip=self.frames_per_step,
            reward_clipping=False,
            episodic_life=False,
            life_loss_info=False,
            num_threads=threads,
            autoreset_mode=AutoresetMode.SAME_STEP if same_step else AutoresetMode.NEXT_STEP,
        )
        VectorEnv.metadata = shared
        self.num_envs = num_envs
        self.stacked = stack == 4 and not colour  # the last four screens; black before the first
        self.num_actions = len(self._env.ale.get_action_set())
        self.obs_shape: tuple[int, ...] = tuple(self._env.single_observation_space.shape or ())
        self.obs_dtype: np.dtype[Any] = np.dtype(np.uint8)
        self._life_loss_ends = life_loss_ends
        self._same_step = same_step
        self._lives = np.zeros(num_envs, np.int32)
        self._ended = np.zeros(num_envs, bool)

    def reset(self, seed: int) -> np.ndarray:
        # `AtariVectorEnv` seeds the games with seed, seed + 1, ….
        first: Any = self._env.reset(seed=seed)
        obs: np.ndarray = first[0]
        self._lives = first[1]["lives"]
        self._ended = np.zeros(self.num_envs, bool)
        return obs

    def step(self, actions: np.ndarray) -> Transition:
        obs, reward, terminated, truncated, info = self._env.step(actions)
        valid = np.ones_like(self._ended) if self._same_step else ~self._ended
        lives = info["lives"]
        over = terminated
        if self._life_loss_ends:
            over = terminated | ((lives < self._lives) & valid)
        self._lives = lives
        self._ended = terminated | truncated
        discount = (~over).astype(np.float32)
        final_obs = info.get("final_obs") if self._ended.any() else None
        return Transition(obs, reward.astype(np.float32), discount, terminated, truncated, valid, final_obs)

    def close(self) -> None:
        self._env.close()
