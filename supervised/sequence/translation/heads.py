"""The parts of a Transformer (Vaswani et al. 2017): attention written out, multiple heads, and position encodings."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel


def attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, causal: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """softmax(Q K^T / sqrt(d)) V (Vaswani 2017, Eq. 1), and the weights [..., T, S] themselves.

    query [..., T, d], key and value [..., S, d]. `causal`: position t sees only positions up to t.
    """
    scores = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5  # [..., T, S]
    if causal:
        future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.masked_fill(future, float("-inf"))
    shifted = (scores - scores.amax(-1, keepdim=True)).exp()
    weights = shifted / shifted.sum(-1, keepdim=True)
    return weights @ value, weights


def positions(start: int, count: int, width: int, device: Any = None) -> torch.Tensor:
    """[count, width]: PE(pos, 2i) = sin(pos / 10000^(2i/width)), PE(pos, 2i+1) = cos of the same (section 3.5)."""
    pos = torch.arange(start, start + count, dtype=torch.float32, device=device)[:, None]
    angle = pos * torch.exp(torch.arange(0, width, 2, device=device) * (-math.log(10000) / width))  # [count, width/2]
    return torch.stack([angle.sin(), angle.cos()], 2).flatten(1)


class Heads(nn.Module):
    """Multi-head attention (section 3.2.2): `queries` [B, T, W] attend to keys and values [B, H, S, W/H]."""

    def __init__(self, width: int, heads: int, impl: str) -> None:
        super().__init__()
        self.heads, self.by_hand = heads, impl == "scratch"
        self.query, self.key_value = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def split(self, x: torch.Tensor) -> torch.Tensor:
        """[B, T, W] -> [B, H, T, W/H]."""
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)

    def keys_values(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        key, value = self.key_value(x).chunk(2, 2)
        return self.split(key), self.split(value)

    def forward(self, x: torch.Tensor, key: torch.Tensor, value: torch.Tensor, causal: bool = False) -> torch.Tensor:
        query = self.split(self.query(x))  # [B, H, T, W/H]
        if self.by_hand:
            seen = attention(query, key, value, causal)[0]
        else:
            with sdpa_kernel(SDPBackend.MATH):  # the fused kernel's backward pass is slow for sentences on a CPU
                seen = functional.scaled_dot_product_attention(query, key, value, is_causal=causal)
        result: torch.Tensor = self.out(seen.transpose(1, 2).flatten(2))  # [B, T, W]
        return result
