"""Attention written out: what `scaled_dot_product_attention` computes, and additive attention."""

from __future__ import annotations

import torch


def attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, causal: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """softmax(Q K^T / sqrt(d)) V (Vaswani 2017, Eq. 1), and the weights [..., T, S] themselves.

    query [..., T, d], key and value [..., S, d]. `causal`: place t sees the places up to t only.
    """
    scores = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5  # [..., T, S]
    if causal:
        future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.masked_fill(future, float("-inf"))
    shifted = (scores - scores.amax(-1, keepdim=True)).exp()
    weights = shifted / shifted.sum(-1, keepdim=True)
    return weights @ value, weights
