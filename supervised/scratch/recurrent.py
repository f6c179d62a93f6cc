"""Recurrent layers from scratch, with PyTorch's weights and names: one loop over time, one line per equation.

RNN   (Elman 1990)                    h_t = tanh(W_i x_t + W_h h_{t-1} + b)

LSTM  (Hochreiter, Schmidhuber 1997,  i, f, o = sigma(W_i x_t + W_h h_{t-1} + b)      input, forget and output gates
      forget gate of Gers 2000)       g = tanh(...)                                   candidate values
                                      c_t = f c_{t-1} + i g                          the cell: a copy where f = 1, i = 0
                                      h_t = o tanh(c_t)

GRU   (Cho 2014, arXiv:1406.1078)     r, z = sigma(...)                               reset and update gates
                                      n = tanh(W_in x_t + b_in + r (W_hn h_{t-1} + b_hn))
                                      h_t = (1 - z) n + z h_{t-1}

The GRU's reset gate is applied after the matrix product, as in cuDNN and PyTorch; in the paper before it. PyTorch has
two biases, b_ih and b_hh, where the equations have one.

The rows of each weight matrix and bias come in blocks of H, one per gate, in PyTorch's order: i, f, g, o for the LSTM;
r, z, n for the GRU.
"""

from __future__ import annotations

import torch
from torch import nn

Memory = tuple[torch.Tensor, ...]  # h, and for an LSTM c: each [L, B, H]


class Recurrent(nn.Module):
    """L stacked layers: x [B, T, I], memory -> (h of the last layer [B, T, H], memory)."""

    gates: int  # blocks of H rows in each weight matrix

    def __init__(self, inputs: int, hidden: int, layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.hidden, self.layers = hidden, layers
        self.dropout = nn.Dropout(dropout)  # between layers
        for layer in range(layers):
            below = inputs if layer == 0 else hidden
            rows = self.gates * hidden
            for name, shape in (
                *(("weight_ih", (rows, below)), ("weight_hh", (rows, hidden))),
                *(("bias_ih", (rows,)), ("bias_hh", (rows,))),
            ):
                self.register_parameter(f"{name}_l{layer}", _uniform(shape, hidden))

    def forward(self, x: torch.Tensor, memory: Memory) -> tuple[torch.Tensor, Memory]:
        last: list[Memory] = []
        for layer in range(self.layers):
            w_ih, w_hh, b_ih, b_hh = (
                getattr(self, f"{kind}_l{layer}") for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            state = tuple(of_layers[layer] for of_layers in memory)  # each [B, H]
            out = []
            for t in range(x.shape[1]):
                from_input = x[:, t] @ w_ih.T + b_ih  # [B, gates * H]
                from_before = state[0] @ w_hh.T + b_hh  # [B, gates * H]
                state = self.cell(from_input.chunk(self.gates, 1), from_before.chunk(self.gates, 1), state)
                out.append(state[0])
            x = torch.stack(out, 1)  # [B, T, H]
            last.append(state)
            if layer < self.layers - 1:
                x = self.dropout(x)
        return x, tuple(torch.stack(of_kind) for of_kind in zip(*last, strict=True))

    @staticmethod
    def cell(x: Memory, h: Memory, state: Memory) -> Memory:
        """The next state, from both sums split into gates [B, H] and the previous state."""
        raise NotImplementedError


class RNN(Recurrent):
    gates = 1

    @staticmethod
    def cell(x: Memory, h: Memory, state: Memory) -> Memory:
        return (torch.tanh(x[0] + h[0]),)


class LSTM(Recurrent):
    gates = 4

    @staticmethod
    def cell(x: Memory, h: Memory, state: Memory) -> Memory:
        i, f, o = (torch.sigmoid(x[k] + h[k]) for k in (0, 1, 3))
        g = torch.tanh(x[2] + h[2])
        c = f * state[1] + i * g
        return o * torch.tanh(c), c


class GRU(Recurrent):
    gates = 3

    @staticmethod
    def cell(x: Memory, h: Memory, state: Memory) -> Memory:
        r, z = torch.sigmoid(x[0] + h[0]), torch.sigmoid(x[1] + h[1])
        n = torch.tanh(x[2] + r * h[2])
        return ((1 - z) * n + z * state[0],)


class BothWays(nn.Module):
    """A bidirectional GRU (Schuster & Paliwal 1997).

    x [B, T, I] -> (h [B, T, 2 H], the last h of both [2, B, H]); the backward GRU ends at the first step.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.forwards, self.backwards = GRU(inputs, hidden), GRU(inputs, hidden)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        nothing = (x.new_zeros(1, len(x), self.forwards.hidden),)
        ahead, (last,) = self.forwards(x, nothing)
        back, (first,) = self.backwards(x.flip(1), nothing)
        return torch.cat([ahead, back.flip(1)], 2), torch.cat([last, first])


class GRUCell(nn.Module):
    """One step of a GRU: (x [B, I], h [B, H]) -> h [B, H]."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.gru = GRU(inputs, hidden)

    def forward(self, x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
        _, (after,) = self.gru(x[:, None], (h[None],))
        result: torch.Tensor = after[0]
        return result


def _uniform(shape: tuple[int, ...], hidden: int) -> nn.Parameter:
    """PyTorch's initial weights: uniform between -1 / sqrt(H) and 1 / sqrt(H)."""
    return nn.Parameter(torch.empty(shape).uniform_(-(hidden**-0.5), hidden**-0.5))
