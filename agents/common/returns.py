"""Returns and advantages over rollouts: pure functions of tensors [T, B].

`reward_t` and `discount_t` belong to the step from row t to row t + 1; `discount_t` already holds gamma
and is 0 if no value follows. `value` has T + 1 rows, the last one for the observation after the
rollout. `valid_t` is False on a row whose action was ignored (NEXT_STEP autoreset, envs/vector.py):

    row        ...  t-1        t (final obs)     t+1 (first obs)
    valid           True       False             True
    advantage       uses V_t   0                 a new game

A game that was truncated keeps the value of its final observation V_t; one that terminated has
discount 0 at t-1. Either way nothing flows across row t.
"""

import torch


def gae(
    reward: torch.Tensor,  # [T, B]
    discount: torch.Tensor,  # [T, B]
    value: torch.Tensor,  # [T + 1, B]
    valid: torch.Tensor,  # [T, B] bool
    lambda_: float,
) -> torch.Tensor:
    """Generalised advantage estimates [T, B] (Schulman 2015, arXiv:1506.02438, Eq. 16); 0 where not valid."""
    steps = reward.shape[0]
    advantage = torch.zeros_like(reward)
    following = torch.zeros_like(reward[0])  # the advantage of row t + 1, 0 if that row is not valid
    delta = reward + discount * value[1:] - value[:-1]  # Schulman 2017, Eq. 12
    for t in reversed(range(steps)):
        following = torch.where(valid[t], delta[t] + discount[t] * lambda_ * following, 0.0)
        advantage[t] = following
    return advantage


def lambda_returns(
    reward: torch.Tensor,  # [T, B]
    discount: torch.Tensor,  # [T, B]
    next_value: torch.Tensor,  # [T, B] value of the observation that row t leads to
    valid: torch.Tensor,  # [T, B] bool
    lambda_: float,
) -> torch.Tensor:
    """TD(lambda) returns [T, B] (Sutton & Barto 2018, Eq. 12.18):

    G_t = r_t + discount_t * ((1 - lambda) * v_{t+1} + lambda * G_{t+1}), and G = v where row t + 1 is not valid.
    """
    steps = reward.shape[0]
    returns = torch.zeros_like(reward)
    following = next_value[-1]  # G of row t + 1
    for t in reversed(range(steps)):
        returns[t] = reward[t] + discount[t] * ((1 - lambda_) * next_value[t] + lambda_ * following)
        # Nobody may see the return of a row that was not played: its value stands in.
        following = torch.where(valid[t], returns[t], next_value[t - 1])
    return returns


def discounted_sum(reward: torch.Tensor, discount: torch.Tensor) -> torch.Tensor:
    """Monte Carlo returns [T, B]: G_t = r_t + discount_t * G_{t+1}, with G_T = 0."""
    returns = torch.zeros_like(reward)
    following = torch.zeros_like(reward[0])
    for t in reversed(range(reward.shape[0])):
        following = reward[t] + discount[t] * following
        returns[t] = following
    return returns


def standardised(advantage: torch.Tensor) -> torch.Tensor:
    """Zero mean and unit variance, of [N]; a single one has no deviation and stays as it is."""
    if len(advantage) < 2:
        return advantage
    return (advantage - advantage.mean()) / (advantage.std() + 1e-8)
