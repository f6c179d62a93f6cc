"""The return of n steps (Sutton 1988; with Q-learning as in Hessel et al. 2018, arXiv:1710.02298, section 3).

    R = r_t + d_t r_{t+1} + … + (d_t … d_{t+n-2}) r_{t+n-1}    discount that follows: d_t … d_{t+n-1}

with d = gamma * discount. If a game ends on the way, so does the sum:

    step          1       2       3 (n)
    reward        1       2       3
    terminated            x                R = 1 + 2 gamma, discount 0: nothing follows
    cut                   x                R = 1 + 2 gamma, discount gamma^2 of the final observation's value
"""

from __future__ import annotations

import numpy as np

from agents.common.replay.ring import Steps


def n_step_return(steps: Steps, gamma: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of n steps [n, N]: the return [N], the discount of the value that follows it [N], and how many steps it took."""
    size = steps.reward.shape[1]
    total, discount = np.zeros(size, np.float32), np.ones(size, np.float32)
    taken, going = np.zeros(size, np.int64), np.ones(size, bool)
    for reward_t, discount_t, ended_t in zip(*steps, strict=True):
        total += np.where(going, discount * reward_t, 0)
        discount = np.where(going, discount * gamma * discount_t, discount)
        taken += going
        going = going & ~ended_t & (discount_t > 0)  # nothing after a zero discount counts
    return total, discount, taken
