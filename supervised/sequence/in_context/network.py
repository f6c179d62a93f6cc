"""A GPT whose tokens are vectors: it reads x_1 y_1 x_2 y_2 … and answers at each x (Garg 2022, arXiv:2208.01066)."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from supervised.sequence.gpt import Body
from tengen.bounds import bounded


class InContext(nn.Module):
    """[B, 2 N, inputs] -> answers [B, N, outputs]; the k-th has read k - 1 whole examples and x_k, and no y_k."""

    def __init__(self, inputs: int, outputs: int, width: int, heads: int, layers: int, examples: int) -> None:
        super().__init__()
        self.read = nn.Linear(inputs, width)
        self.body = Body(width, heads, layers, 2 * examples)
        self.answer = nn.Linear(width, outputs)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x, _ = self.body(self.read(tokens), self.body.start(len(tokens)))  # [B, 2 N, W]
        return self.answer(x[:, ::2])


def build(network: dict[str, Any]) -> InContext:
    """The network of a description {inputs, outputs, width, heads, layers, examples}."""
    return bounded(lambda: InContext(**network))
