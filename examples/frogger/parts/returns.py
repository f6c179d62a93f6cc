"""Lambda-returns: the rewards that were observed, and the value that the network predicts after them."""

import torch


def lambda_returns(
    reward: torch.Tensor,
    discount: torch.Tensor,
    ended: torch.Tensor,
    next_best: torch.Tensor,
    gamma: float,
    lam: float,
) -> torch.Tensor:
    """The lambda-returns of Q-learning (Peng & Williams 1996; equation 4 of arXiv:2407.04811), backwards through time:

        G_t = r_t + gamma * discount_t * (lam * G_(t+1) + (1 - lam) * next_best_t)       where the game goes on
        G_t = r_t + gamma * discount_t * next_best_t                          where it ended with step t, and at the end

    reward [T, B] of step t. discount [T, B]: 0 where no value follows (the game is over, a life was lost), else 1.
    ended [T, B] bool: the next step belongs to another game, so G_(t+1) says nothing about this one. next_best [T, B]
    is the largest Q of the observation after step t. -> G [T, B]

    lam 0 bootstraps from the network after one step, lam 1 uses observed rewards only.
    """
    worth = torch.empty_like(reward)
    following = next_best[-1]  # nothing was seen after the last step
    for t in reversed(range(len(reward))):
        seen = torch.where(ended[t], next_best[t], lam * following + (1 - lam) * next_best[t])
        worth[t] = following = reward[t] + gamma * discount[t] * seen
    return worth
