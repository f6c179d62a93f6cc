"""The losses of an example: for the search's policy, and for the game's result (Silver et al. 2018)."""

import torch


def policy_loss(logits: torch.Tensor, policy: torch.Tensor) -> torch.Tensor:
    """-sum over a of policy(a) log p(a), p the softmax of `logits`; the mean over N, a tensor [].

    logits [N, 7], policy [N, 7] (sums to 1). It must not overflow: logits may be 1000.
    """
    return -(policy * logits.log_softmax(1)).sum(1).mean()


def value_loss(value: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The mean squared difference of value [N] and target [N]."""
    return (value - target).square().mean()
