"""The loss, and clipping a gradient that is too long."""

from collections.abc import Iterable

import torch


def nats(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """-log softmax(logits)[target] of each token: [B, T], in nats, from logits [B, T, V] and targets [B, T] int64.

    Its mean is the loss. Use exp, log and sums; it is tested against torch.nn.functional.cross_entropy. Subtract the
    maximum over V before the exponential: exp(1000) is inf, and softmax does not change.
    """
    shifted = logits - logits.max(2, keepdim=True).values
    log_p = shifted - shifted.exp().sum(2, keepdim=True).log()  # [B, T, V]
    return -log_p.gather(2, targets[:, :, None])[:, :, 0]


@torch.no_grad()
def clip(parameters: Iterable[torch.nn.Parameter], longest: float) -> float:
    """Scale the gradient to the norm `longest` if its norm is larger, in place; returns the norm before clipping.

    The norm is that of all gradients together, as one long vector (Pascanu et al. 2013, arXiv:1211.5063, algorithm
    1): all are scaled by the same factor, so the direction does not change. Through many steps of a recurrent network
    gradients can explode, and one such step undoes a thousand.
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    length = float(sum(g.square().sum() for g in gradients)) ** 0.5
    if length > longest:
        for g in gradients:
            g.mul_(longest / length)
    return length
