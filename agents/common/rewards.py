"""Rewards for learning, which may differ from the environment's."""

from __future__ import annotations

import numpy as np

from envs.vector import Transition


def learned_from(transition: Transition, clip: bool, point_ends: bool) -> tuple[np.ndarray, np.ndarray]:
    """Reward [B] and discount [B] to learn from, both float32.

    `clip` limits rewards to [-1, 1] (Mnih 2015); with `point_ends` a reward other than 0 ends the return
    (Karpathy 2016), which is right where each point starts afresh.
    """
    reward = np.clip(transition.reward, -1, 1) if clip else transition.reward
    discount = np.where(reward != 0, np.float32(0), transition.discount) if point_ends else transition.discount
    return reward, discount
