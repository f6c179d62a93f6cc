"""Losses of the agents: pure functions of tensors, checked against hand-worked numbers in tests/agents."""

import torch
from torch.nn import functional


def masked_mean(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean of `x` where `mask` is true; 0 if it is true nowhere."""
    weight = mask.to(x.dtype)
    return (x * weight).sum() / weight.sum().clamp(min=1)


def log_prob(logits: torch.Tensor, action: torch.Tensor) -> torch.Tensor:
    """log pi(action) [B] from logits [B, A] and actions [B]."""
    return functional.log_softmax(logits, 1).gather(1, action[:, None]).squeeze(1)


def entropy(logits: torch.Tensor) -> torch.Tensor:
    """Entropy [B] in nats of the policies with logits [B, A]."""
    log_pi = functional.log_softmax(logits, 1)
    return -(log_pi.exp() * log_pi).sum(1)


def policy_gradient(log_pi: torch.Tensor, advantage: torch.Tensor) -> torch.Tensor:
    """-log pi(a|s) A a row [B] (Williams 1992), from log pi(a|s) [B] and A [B]; no gradient flows through A."""
    return -log_pi * advantage.detach()


def clipped_surrogate(
    ratio: torch.Tensor, advantage: torch.Tensor, epsilon: float, valid: torch.Tensor
) -> torch.Tensor:
    """-L^CLIP (Schulman 2017, arXiv:1707.06347, Eq. 7). `ratio` = pi(a|s) / pi_old(a|s) [B]."""
    clipped = ratio.clamp(1 - epsilon, 1 + epsilon)
    return -masked_mean(torch.minimum(ratio * advantage, clipped * advantage), valid)


def squared_error(prediction: torch.Tensor, target: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
    """Half the mean squared error over valid rows. No gradient flows through `target`."""
    return 0.5 * masked_mean((prediction - target.detach()).square(), valid)


def huber(error: torch.Tensor, delta: float = 1.0) -> torch.Tensor:
    """Huber loss a row [B]: the "error clipping" of Mnih 2015 (its gradient is the error clipped to +-delta)."""
    return functional.huber_loss(error, torch.zeros_like(error), reduction="none", delta=delta)
