"""How much better an action turned out than expected (Schulman et al. 2015, arXiv:1506.02438)."""

import torch


def advantages(
    reward: torch.Tensor,
    discount: torch.Tensor,
    ended: torch.Tensor,
    value: torch.Tensor,
    last_value: torch.Tensor,
    gamma: float,
    lam: float,
) -> torch.Tensor:
    """Generalised advantage estimation, equations 11 and 16 of the paper, for rollouts in which games end.

        delta_t = r_t + gamma * discount_t * V(o_(t+1)) - V(o_t)
        A_t     = delta_t + gamma * lam * A_(t+1)      where the game went on after step t
        A_t     = delta_t                              where it ended with step t

    reward [T, B] of step t. discount [T, B]: 0 where the game ended by its own rules with step t, so that nothing
    follows; 1 otherwise, also where a time limit cut the game short: there V(o_(t+1)) still counts. ended [T, B] bool:
    the game ended in either way; what comes after belongs to another game. value [T, B] is V(o_t), last_value [B] is
    V(o_T), of the observation after the last step. -> A [T, B]
    """
    raise NotImplementedError("from the last step backwards, one row [B] after the other")
