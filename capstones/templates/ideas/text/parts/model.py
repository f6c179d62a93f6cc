"""The network: a gated recurrent unit that reads a text token by token (Cho et al. 2014, arXiv:1406.1078).

tokens [B, T] -> vectors [B, T, E] -> GRU, starting from a memory [B, H] -> [B, T, H] -> linear -> logits [B, T, V]
"""

import torch
from torch import nn


class GRU(nn.Module):
    """A layer of gated recurrent units; its weights have the names and order of nn.GRU, which the tests compare with.

        r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)            how much of the memory the proposal may use
        z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)            how much of the memory stays
        n = tanh(W_in x + b_in + r * (W_hn h + b_hn))         the proposal
        h' = (1 - z) * n + z * h

    weight_ih_l0 [3H, E] stacks W_ir, W_iz, W_in; weight_hh_l0 [3H, H] stacks W_hr, W_hz, W_hn; the biases [3H]
    likewise. (In the paper r multiplies the memory before the matrix; all libraries differ from it like this.)
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.weight_ih_l0 = nn.Parameter(torch.empty(3 * hidden, width))
        self.weight_hh_l0 = nn.Parameter(torch.empty(3 * hidden, hidden))
        self.bias_ih_l0 = nn.Parameter(torch.empty(3 * hidden))
        self.bias_hh_l0 = nn.Parameter(torch.empty(3 * hidden))
        for p in self.parameters():
            nn.init.uniform_(p, -(hidden**-0.5), hidden**-0.5)

    def step(self, from_input: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
        """h' [B, H] from the memory h [B, H] and this token's from_input [B, 3H] = W_i x + b_i: the four equations."""
        raise NotImplementedError("chunk both into three, then the four equations")

    def forward(self, x: torch.Tensor, h: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """x [B, T, E], h [B, H] -> (h' after each token [B, T, H], the last one [B, H]).

        W_i x + b_i does not depend on the memory: compute it for all T tokens at once, before the loop. That is faster.
        """
        raise NotImplementedError("the input's part for all tokens, then a loop over T, then stack")


class TextNet(nn.Module):
    """tokens [B, T] int64 and a memory [B, H] -> logits [B, T, V] of each next token, and the last memory."""

    def __init__(self, alphabet: int, width: int = 64, hidden: int = 256) -> None:
        """embedding: nn.Embedding(alphabet, width); gru: GRU(width, hidden); head: nn.Linear(hidden, alphabet)."""
        super().__init__()
        raise NotImplementedError("make embedding, gru, head")

    def start(self, size: int) -> torch.Tensor:
        """The empty memory [size, H]: zeros."""
        raise NotImplementedError("zeros, as many as the layer has units")

    def forward(self, tokens: torch.Tensor, memory: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        raise NotImplementedError("embed, read, and a logit for each token of the alphabet")
