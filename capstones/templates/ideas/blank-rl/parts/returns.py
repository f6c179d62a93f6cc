"""What an action was worth: the sum of the rewards that came after it."""

import torch


def returns(reward: torch.Tensor, discount: torch.Tensor, gamma: float) -> torch.Tensor:
    """G_t = r_t + gamma * discount_t * G_(t+1), with 0 after the last step (Sutton & Barto 2018, equation 3.9).

    reward [T, B] of step t; discount [T, B], 0 where the game ended with step t, else 1 -> [T, B]. Work backwards from
    the end: a game that ended must not be credited with the rewards of the next.
    """
    raise NotImplementedError("go backwards through time, one row [B] after the other")
