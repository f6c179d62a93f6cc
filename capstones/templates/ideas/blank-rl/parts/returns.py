"""What an action was worth: the rewards that came after it."""

import torch


def returns(reward: torch.Tensor, discount: torch.Tensor, gamma: float) -> torch.Tensor:
    """G_t = r_t + gamma * discount_t * G_(t+1), and after the last step nothing (Sutton & Barto 2018, equation 3.9).

    reward [T, B] of step t; discount [T, B], 0 where the game ended with step t, else 1 -> [T, B]. From the end
    backwards: a game that ended must not be paid for what the next one brings.
    """
    raise NotImplementedError("go backwards through time, one row [B] after the other")
