"""Sequence to sequence (Sutskever, Vinyals, Le 2014, arXiv:1409.3215): one vector between two sentences.

    w_S ... w_2 w_1  ->  LSTM  ->  (h, c)  ->  LSTM  ->  y_1 y_2 ... END

Deviations:
1. 2 layers of 512 units (the paper: 4 of 1,000), dropout between them, Adam instead of gradient descent.
2. Subword pieces instead of the 80,000 most frequent words.
"""

from __future__ import annotations

import torch
from torch import nn

from supervised.scratch import recurrent as scratch

State = tuple[torch.Tensor, ...]


class Seq2Seq(nn.Module):
    def __init__(
        self,
        source_pieces: int,
        target_pieces: int,
        width: int = 512,
        layers: int = 2,
        embedding: int = 256,
        dropout: float = 0.0,
        impl: str = "library",
    ) -> None:
        super().__init__()
        self.width, self.layers = width, layers
        self.source, self.target = nn.Embedding(source_pieces, embedding), nn.Embedding(target_pieces, embedding)
        self.encoder = _lstm(embedding, width, layers, dropout, impl)
        self.decoder = _lstm(embedding, width, layers, dropout, impl)
        self.dropout = nn.Dropout(dropout)
        self.to_pieces = nn.Linear(width, target_pieces)

    def encode(self, source: torch.Tensor) -> State:
        """(h, c) [L, B, W] after the source [B, S], read from its end: the first words are then near each other."""
        nothing = self.to_pieces.weight.new_zeros(self.layers, len(source), self.width)
        _, state = self.encoder(self.dropout(self.source(source.flip(1))), (nothing, nothing))
        return state

    def hidden(self, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """[B, T, W] of the target [B, T], each place knowing what stands before it."""
        out, _ = self.decoder(self.dropout(self.target(target)), self.encode(source))
        result: torch.Tensor = self.dropout(out)
        return result

    def output(self, hidden: torch.Tensor) -> torch.Tensor:
        """[..., W] -> logits [..., V]."""
        logits: torch.Tensor = self.to_pieces(hidden)
        return logits

    def start(self, source: torch.Tensor) -> State:
        h, c = self.encode(source)
        return h.transpose(0, 1), c.transpose(0, 1)  # [B, L, W]

    def step(self, piece: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Logits [B, V] after one more `piece` [B]."""
        h, c = (part.transpose(0, 1).contiguous() for part in state)
        out, (h, c) = self.decoder(self.dropout(self.target(piece[:, None])), (h, c))
        return self.output(self.dropout(out[:, 0])), (h.transpose(0, 1), c.transpose(0, 1))


def _lstm(inputs: int, width: int, layers: int, dropout: float, impl: str) -> nn.Module:
    """[B, T, I], (h, c) -> [B, T, W], (h, c)."""
    if impl == "scratch":
        return scratch.LSTM(inputs, width, layers, dropout)
    return nn.LSTM(inputs, width, layers, batch_first=True, dropout=dropout if layers > 1 else 0.0)
