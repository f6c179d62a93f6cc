"""The body of a GPT (Radford 2018, 2019): blocks of causal self-attention and a two-layer perceptron, with a cache.

    x = x + attention(norm(x)),   x = x + perceptron(norm(x))                      a block, norms first (GPT-2)
    attention: softmax(q k^T / sqrt(d) where s <= t) v, for each head              (Vaswani 2017, Eq. 1)

`body(x, memory) -> x, memory`: the memory holds the keys and values of everything before, so that one more token costs
one row of attention instead of a pass over the whole text. The inputs (characters, numbers) are defined by the modules
that add an embedding and a head: `text/transformer.py`, `in_context/network.py`.

Deviations from GPT-2: no biases in projections and norms; initial weights that grow as the network gets narrower.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

Memory = tuple[torch.Tensor, ...]  # keys and values of each block in turn, each [B, heads, t, d]


class Body(nn.Module):
    """[B, T, W] and a memory of t positions -> [B, T, W] and one of t + T; positions are learned vectors."""

    def __init__(
        self, width: int, heads: int, layers: int, context: int, dropout: float = 0.0, impl: str = "library"
    ) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width {width} is no multiple of {heads} heads")
        self.heads, self.head_width, self.context = heads, width // heads, context
        self.position = nn.Parameter(torch.zeros(context, width))
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(width, heads, dropout, impl) for _ in range(layers))
        self.norm = nn.LayerNorm(width, bias=False)
        deviation = initial_deviation(width)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                # what is added to the residual stream: smaller with depth (GPT-2, section 2.3)
                nn.init.normal_(weight, std=deviation / math.sqrt(2 * layers) if "out" in name else deviation)

    def start(self, batch: int) -> Memory:
        """The memory of nothing."""
        empty = self.position.new_zeros(batch, self.heads, 0, self.head_width)
        return (empty, empty) * len(self.blocks)

    def forward(self, x: torch.Tensor, memory: Memory) -> tuple[torch.Tensor, Memory]:
        before, length = memory[0].shape[2], x.shape[1]
        if before + length > self.context:
            raise ValueError(f"{before} + {length} positions are more than the context of {self.context}")
        x = self.dropout(x + self.position[before : before + length])
        kept: list[torch.Tensor] = []
        for i, block in enumerate(self.blocks):
            x, keys, values = block(x, memory[2 * i], memory[2 * i + 1])
            kept += keys, values
        return self.norm(x), tuple(kept)


def initial_deviation(width: int) -> float:
    """Of initial weights: GPT-2's 0.02 at its width of 768, larger in narrower networks."""
    return 0.02 * math.sqrt(768 / width)


class Block(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float, impl: str) -> None:
        super().__init__()
        self.heads, self.drop = heads, dropout
        self.norm1, self.norm2 = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.attention_out = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.up_out = nn.Linear(4 * width, width, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.attend = causal_attention if impl == "scratch" else fast_causal_attention

    def forward(
        self, x: torch.Tensor, keys: torch.Tensor, values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """x [B, T, W], keys and values [B, h, t, d] of what came before -> x, keys and values with T more."""
        batch, length, width = x.shape
        # [B, T, 3 W] -> three of [B, h, T, d]
        q, k, v = self.qkv(self.norm1(x)).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if keys.shape[2]:
            k, v = torch.cat((keys.to(k.dtype), k), 2), torch.cat((values.to(v.dtype), v), 2)
        read = self.attend(q, k, v, self.drop if self.training else 0.0)  # [B, h, T, d]
        x = x + self.dropout(self.attention_out(read.transpose(1, 2).reshape(batch, length, width)))
        x = x + self.dropout(self.up_out(functional.gelu(self.up(self.norm2(x)))))
        return x, k, v


def causal_attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
    """From scratch: q [B, h, T, d], k and v [B, h, t + T, d] -> [B, h, T, d]. Position i sees t + i + 1 keys."""
    return functional.dropout(attention_weights(q, k), dropout) @ v


def attention_weights(q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
    """softmax(q k^T / sqrt(d)) with the future masked: [B, h, T, t + T]."""
    scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[3])
    now, seen = q.shape[2], k.shape[2]
    future = torch.ones(now, seen, dtype=torch.bool, device=q.device).triu(seen - now + 1)
    return scores.masked_fill(future, -torch.inf).softmax(3)


def fast_causal_attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
    """The same by PyTorch's fused kernel, which never keeps the [T, T] weights.

    In bfloat16 on a CPU, where that kernel takes three times as long as in float32, by two batched products.
    """
    now, seen = q.shape[2], k.shape[2]
    if q.dtype == torch.bfloat16 and q.device.type == "cpu" and now > 1:
        return _in_two_products(q, k, v, dropout)
    if now == 1 or now == seen:
        return functional.scaled_dot_product_attention(q, k, v, dropout_p=dropout, is_causal=now > 1)
    sees = torch.ones(now, seen, dtype=torch.bool, device=q.device).tril(seen - now)
    return functional.scaled_dot_product_attention(q, k, v, attn_mask=sees, dropout_p=dropout)


def _in_two_products(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, dropout: float) -> torch.Tensor:
    (batch, heads, now, d), seen = q.shape, k.shape[2]
    future = q.new_full((now, seen), -torch.inf).triu(seen - now + 1)
    scores = torch.baddbmm(future, q.flatten(0, 1), k.flatten(0, 1).transpose(1, 2), alpha=d**-0.5)  # [B h, T, t + T]
    weights = functional.dropout(scores.softmax(2), dropout)
    return torch.bmm(weights, v.flatten(0, 1)).view(batch, heads, now, d)
