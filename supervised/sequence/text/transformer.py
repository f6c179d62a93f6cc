"""A small GPT for characters (Radford 2019): the body of `supervised/sequence/gpt.py` between an embedding and a head.

    log p(token_{t+1}) = log softmax(E norm(body(E[token_1..t])_t))          one matrix E for both (Press & Wolf 2016)

Unlike a recurrent network's, its memory grows with every token, and ends at its context.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from supervised.sequence.gpt import Body, Memory, initial_deviation


class GPTText(nn.Module):
    """Tokens [B, T] and the memory of what came before -> logits [B, T, V] of each next token, and the memory."""

    def __init__(
        self,
        vocabulary: int,
        width: int,
        heads: int,
        layers: int,
        context: int,
        dropout: float,
        impl: str = "library",
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=initial_deviation(width))
        self.body = Body(width, heads, layers, context, dropout, impl)
        self.context = context

    def start(self, batch: int) -> Memory:
        """The memory of nothing."""
        return self.body.start(batch)

    def forward(self, tokens: torch.Tensor, memory: Memory) -> tuple[torch.Tensor, Memory]:
        x, memory = self.body(self.embedding(tokens), memory)
        return functional.linear(x, self.embedding.weight), memory
