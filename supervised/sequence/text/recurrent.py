"""A recurrent character model: vanilla RNN, LSTM or GRU (Graves 2013, arXiv:1308.0850; Karpathy's char-rnn).

    x_t = E[token_t];  h_t = f(x_t, h_{t-1});  log p(token_{t+1}) = log softmax(W h_t + b)

The network's knowledge of the past is its memory, of fixed size: `net(x, memory) -> logits, memory`. So a text is read
in pieces, and generating a character costs the same however long the text is.

An alphabet is often smaller than E is wide: then W_i x_t = (W_i E^T) one-hot(token_t), the same with fewer products.

Deviation from Graves: no connections that skip layers. An LSTM's forget gates start at sigma(1), so that its cells
remember before they have learned to (Jozefowicz 2015).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from supervised.scratch import recurrent as scratch

Memory = tuple[torch.Tensor, ...]  # h [L, B, H]; an LSTM's c too

KINDS = {"rnn": (nn.RNN, scratch.RNN), "lstm": (nn.LSTM, scratch.LSTM), "gru": (nn.GRU, scratch.GRU)}
LAYERS: dict[str, Any] = {"rnn": torch.rnn_tanh, "lstm": torch.lstm, "gru": torch.gru}  # what nn.RNN … call


class RecurrentText(nn.Module):
    """Tokens [B, T] and the memory of what came before -> logits [B, T, V] of each next token, and the memory."""

    context = 0  # tokens that it can look back on; 0: its memory has no end

    def __init__(
        self, net: str, vocabulary: int, width: int, hidden: int, layers: int, dropout: float, impl: str = "library"
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        library, by_hand = KINDS[net]
        if impl == "scratch":
            self.layers: nn.Module = by_hand(width, hidden, layers, dropout)
        else:
            self.layers = library(width, hidden, layers, batch_first=True, dropout=dropout if layers > 1 else 0.0)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, vocabulary)
        self.net, self.num_layers, self.hidden = net, layers, hidden
        if net == "lstm":
            for layer in range(layers):
                getattr(self.layers, f"bias_ih_l{layer}").data[hidden : 2 * hidden] = 1.0
                getattr(self.layers, f"bias_hh_l{layer}").data[hidden : 2 * hidden] = 0.0

    def start(self, batch: int) -> Memory:
        """The memory of nothing."""
        kinds = 2 if self.net == "lstm" else 1
        return tuple(self.head.weight.new_zeros(self.num_layers, batch, self.hidden) for _ in range(kinds))

    def forward(self, tokens: torch.Tensor, memory: Memory) -> tuple[torch.Tensor, Memory]:
        h, memory = self.read(tokens, memory)
        return self.head(self.dropout(h)), memory

    def read(self, tokens: torch.Tensor, memory: Memory) -> tuple[torch.Tensor, Memory]:
        """h of the last layer [B, T, H], and the memory."""
        if isinstance(self.layers, scratch.Recurrent):
            return self.layers(self.embedding(tokens), memory)  # type: ignore[no-any-return]
        layers: nn.RNNBase = self.layers  # type: ignore[assignment]
        weights: list[torch.Tensor] = list(layers._flat_weights)  # type: ignore[arg-type]
        vocabulary, width = self.embedding.weight.shape
        if vocabulary < width and tokens.device.type == "cpu":
            weights[0] = weights[0] @ self.embedding.weight.T  # [gates * H, V]
            x = functional.one_hot(tokens, vocabulary).to(self.embedding.weight.dtype)  # [B, T, V]
        else:
            x = self.embedding(tokens)  # [B, T, W]
        given: Any = memory if self.net == "lstm" else memory[0]
        options = True, self.num_layers, layers.dropout, self.training, False, True  # with biases, … batch first
        h, *after = LAYERS[self.net](x, given, weights, *options)
        return h, tuple(after)
