"""Attention (Bahdanau, Cho, Bengio 2014, arXiv:1409.0473): the decoder looks at the source again for each word.

    h_1 ... h_S   states of a GRU that reads the source both ways (section 3.2)
    e_ts = v . tanh(W s_{t-1} + U h_s),   a_t = softmax_s(e_t),   c_t = sum_s a_ts h_s     (Eq. 5, 6; A.1.2)
    s_t = GRU(s_{t-1}, [y_{t-1}, c_t])
    logits = O maxout(U s_{t-1} + V y_{t-1} + C c_t)                                       (A.2.2)

Deviations:
1. 384 units instead of 1,000; Adam; dropout; subword pieces instead of the 30,000 most frequent words.
2. The output layer reads s_t, which has seen c_t, instead of s_{t-1}.
"""

from __future__ import annotations

import torch
from torch import nn

from supervised.scratch import recurrent as scratch

State = tuple[torch.Tensor, ...]


class Attention(nn.Module):
    def __init__(
        self,
        source_pieces: int,
        target_pieces: int,
        width: int = 384,
        embedding: int = 256,
        dropout: float = 0.0,
        impl: str = "library",
    ) -> None:
        super().__init__()
        self.source, self.target = nn.Embedding(source_pieces, embedding), nn.Embedding(target_pieces, embedding)
        by_hand = impl == "scratch"
        self.encoder: nn.Module = (
            scratch.BothWays(embedding, width)
            if by_hand
            else nn.GRU(embedding, width, batch_first=True, bidirectional=True)
        )
        self.begin = nn.Linear(width, width)
        self.keys = nn.Linear(2 * width, width, bias=False)  # U
        self.query = nn.Linear(width, width)  # W
        self.energy = nn.Linear(width, 1, bias=False)  # v
        self.cell = (scratch.GRUCell if by_hand else nn.GRUCell)(embedding + 2 * width, width)
        self.deep = nn.Linear(width + embedding + 2 * width, 2 * embedding)
        self.to_pieces = nn.Linear(embedding, target_pieces)
        self.dropout = nn.Dropout(dropout)

    def start(self, source: torch.Tensor) -> State:
        """(s_0 [B, W], h [B, S, 2 W], U h [B, S, W]) of the source [B, S]."""
        h, last = self.encoder(self.dropout(self.source(source)))
        return torch.tanh(self.begin(last[1])), h, self.keys(h)  # last[1]: of the way back, at the first word

    def look(self, s: torch.Tensor, h: torch.Tensor, keys: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(context c_t [B, 2 W], weights a_t [B, S]) for the state s_{t-1} [B, W]."""
        energy = self.energy(torch.tanh(self.query(s)[:, None] + keys)).squeeze(2)  # [B, S]
        weights = energy.softmax(1)
        return torch.einsum("bs,bsw->bw", weights, h), weights

    def unroll(self, source: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(what the output layer reads [B, T, E], weights [B, T, S])."""
        s, h, keys = self.start(source)
        y = self.dropout(self.target(target))  # [B, T, E]
        states, contexts, looks = [], [], []
        for t in range(target.shape[1]):
            context, weights = self.look(s, h, keys)
            s = self.cell(torch.cat([y[:, t], context], 1), s)
            states.append(s)
            contexts.append(context)
            looks.append(weights)
        return self._deep(torch.stack(states, 1), y, torch.stack(contexts, 1)), torch.stack(looks, 1)

    def _deep(self, s: torch.Tensor, y: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        """[..., E]: the larger of two linear functions each (Goodfellow 2013, maxout)."""
        out: torch.Tensor = self.deep(torch.cat([s, y, context], -1)).unflatten(-1, (-1, 2)).amax(-1)
        result: torch.Tensor = self.dropout(out)
        return result

    def hidden(self, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """[B, T, E] of the target [B, T], each place knowing what stands before it."""
        return self.unroll(source, target)[0]

    def attend(self, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """[B, T, S]: where the decoder looks; for pictures."""
        return self.unroll(source, target)[1]

    def output(self, hidden: torch.Tensor) -> torch.Tensor:
        """[..., E] -> logits [..., V]."""
        logits: torch.Tensor = self.to_pieces(hidden)
        return logits

    def step(self, piece: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Logits [B, V] after one more `piece` [B]."""
        s, h, keys = state
        y = self.dropout(self.target(piece))
        context, _ = self.look(s, h, keys)
        s = self.cell(torch.cat([y, context], 1), s)
        return self.output(self._deep(s, y, context)), (s, h, keys)
