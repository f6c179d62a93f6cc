"""Softmax cross-entropy from scratch, with its gradient written out.

    L = - sum_k q_k log p_k,   p = softmax(z),   dL/dz = p - q

q is the target distribution: 1 on the class, or with smoothing s: 1 - s + s / K there and s / K elsewhere
(Szegedy 2016, section 7). Logits are shifted by their maximum, which does not change p and keeps exp finite.
"""

from __future__ import annotations

from typing import Any

import torch

from supervised.data.source import IGNORED


class _SoftmaxCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: torch.Tensor, target: torch.Tensor, smoothing: float) -> torch.Tensor:
        known = target != IGNORED  # [B]
        count = known.sum().clamp(min=1)
        shifted = logits - logits.max(1, keepdim=True).values  # [B, K]
        log_p = shifted - shifted.exp().sum(1, keepdim=True).log()
        classes = logits.shape[1]
        q = torch.full_like(logits, smoothing / classes)
        q.scatter_add_(1, target.clamp(min=0)[:, None], torch.full_like(logits[:, :1], 1 - smoothing))
        q = q * known[:, None]
        ctx.save_for_backward(log_p.exp() * known[:, None] - q, count)
        return -(q * log_p).sum() / count

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor, None, None]:  # type: ignore[override]
        p_less_q, count = ctx.saved_tensors
        return grad * p_less_q / count, None, None


def cross_entropy(logits: torch.Tensor, target: torch.Tensor, smoothing: float = 0.0) -> torch.Tensor:
    """The mean over the examples with a target. `logits` [B, K], `target` [B] class or IGNORED."""
    loss: torch.Tensor = _SoftmaxCrossEntropy.apply(logits, target, smoothing)
    return loss
