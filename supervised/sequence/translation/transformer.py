"""The Transformer (Vaswani et al. 2017, arXiv:1706.03762): attention instead of recurrence.

    source -> embedding + position -> [self-attention, feed-forward] x N -> memory
    target -> embedding + position -> [causal self-attention, attention to the memory, feed-forward] x N -> logits

Deviations:
1. Norms come before each part, with one more at the end, instead of after it (Xiong 2020, arXiv:2002.04745), which
   allows higher learning rates.
2. No dropout on the attention weights.
3. Only target embedding and output layer share weights (section 3.4 shares the source's too): each language has its own
   pieces.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from supervised.sequence.translation.heads import Heads, attention, positions

State = tuple[torch.Tensor, ...]


class Layer(nn.Module):
    """A layer of the encoder, or with `cross` of the decoder."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float, impl: str, cross: bool) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3 if cross else 2))
        self.own = Heads(width, heads, impl)
        self.cross = Heads(width, heads, impl) if cross else None
        self.feed_forward = nn.Sequential(nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, width))  # Eq. 2
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, memory: State = (), past: State = ()) -> tuple[torch.Tensor, State]:
        """x [B, T, W]; `memory` keys and values of the source; `past` those of earlier pieces, added to."""
        y = self.norms[0](x)
        key, value = self.own.keys_values(y)
        if past:
            key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
        x = x + self.dropout(self.own(y, key, value, causal=self.cross is not None and not past))
        if self.cross is not None:
            x = x + self.dropout(self.cross(self.norms[1](x), *memory))
        return x + self.dropout(self.feed_forward(self.norms[-1](x))), (key, value)


class Transformer(nn.Module):
    def __init__(
        self,
        source_pieces: int,
        target_pieces: int,
        width: int = 256,
        layers: int = 3,
        heads: int = 8,
        feed_forward: int = 1024,
        dropout: float = 0.1,
        impl: str = "library",
    ) -> None:
        super().__init__()
        self.width = width
        self.source, self.target = nn.Embedding(source_pieces, width), nn.Embedding(target_pieces, width)
        options = (width, heads, feed_forward, dropout, impl)
        self.encoder = nn.ModuleList(Layer(*options, cross=False) for _ in range(layers))
        self.decoder = nn.ModuleList(Layer(*options, cross=True) for _ in range(layers))
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.dropout = nn.Dropout(dropout)
        for name, weights in self.named_parameters():
            if weights.dim() > 1:
                nn.init.normal_(weights, 0, width**-0.5) if name in (
                    "source.weight",
                    "target.weight",
                ) else nn.init.xavier_uniform_(weights)

    def embed(self, table: nn.Embedding, pieces: torch.Tensor, start: int = 0) -> torch.Tensor:
        """[B, T] -> [B, T, W] (section 3.4: embeddings are multiplied by the square root of the width)."""
        where = positions(start, pieces.shape[1], self.width, pieces.device)
        embedded: torch.Tensor = self.dropout(table(pieces) * self.width**0.5 + where)
        return embedded

    def encode(self, source: torch.Tensor) -> State:
        """Keys and values [B, H, S, W/H] of the source [B, S], a pair for each layer of the decoder."""
        x = self.embed(self.source, source)
        for layer in self.encoder:
            x, _ = layer(x)
        memory = self.norms[0](x)  # [B, S, W]
        crosses: list[Any] = [layer.cross for layer in self.decoder]
        return tuple(tensor for cross in crosses for tensor in cross.keys_values(memory))

    def hidden(self, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """[B, T, W] of the target [B, T], each place seeing what stands before it."""
        memory = self.encode(source)
        x = self.embed(self.target, target)
        for i, layer in enumerate(self.decoder):
            x, _ = layer(x, memory[2 * i : 2 * i + 2])
        result: torch.Tensor = self.norms[1](x)
        return result

    def output(self, hidden: torch.Tensor) -> torch.Tensor:
        """[..., W] -> logits [..., V], with the target's embedding for weights (section 3.4)."""
        return functional.linear(hidden, self.target.weight)

    def start(self, source: torch.Tensor) -> State:
        return self.encode(source)

    def step(self, piece: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Logits [B, V] after one more `piece` [B]; the state grows by its keys and values."""
        count = 2 * len(self.decoder)
        memory, past = state[:count], state[count:]
        x = self.embed(self.target, piece[:, None], past[0].shape[2] if past else 0)
        grown: list[torch.Tensor] = []
        for i, layer in enumerate(self.decoder):
            x, now = layer(x, memory[2 * i : 2 * i + 2], past[2 * i : 2 * i + 2])
            grown += now
        return self.output(self.norms[1](x)[:, 0]), (*memory, *grown)

    def attend(self, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """[B, T, S] where the last layer looks at in the source, mean over its heads; for pictures."""
        memory = self.encode(source)
        x = self.embed(self.target, target)
        decoder: Any = self.decoder
        for i, layer in enumerate(decoder):
            key, value = memory[2 * i : 2 * i + 2]
            y = layer.norms[0](x)
            x_own = x + layer.own(y, *layer.own.keys_values(y), causal=True)
            query = layer.cross.split(layer.cross.query(layer.norms[1](x_own)))
            weights = attention(query, key, value)[1]  # [B, H, T, S]
            x, _ = layer(x, (key, value))
        return weights.mean(1)
