"""Beam search: keep the K most probable partial translations, extend each by one piece, keep the best K again.

Greedy search is K = 1. With K as large as the number of partial translations it is exact.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch

from supervised.sequence.translation.pieces import END, PAD, START

State = tuple[torch.Tensor, ...]  # the first dimension counts sentences


class Decoder(Protocol):
    def start(self, source: torch.Tensor) -> State: ...

    def step(self, piece: torch.Tensor, state: State) -> tuple[torch.Tensor, State]: ...


class Found(NamedTuple):
    pieces: list[int]  # without END
    log_probability: float  # of all pieces and END
    score: float  # log-probability / length ** penalty: what was compared


def search(model: Decoder, source: torch.Tensor, beam: int, longest: int, penalty: float = 1.0) -> list[Found]:
    """The best translation of each sentence of `source` [B, S].

    A beginning that ends and is among the best K leaves the beam as a whole translation. The search of a sentence is
    over when K of them are whole, or at `longest` pieces; what is unfinished then counts only where nothing is whole.
    """
    count, device = len(source), source.device
    state = tuple(part.repeat_interleave(beam, 0) for part in model.start(source))  # [B K, ...]
    last = torch.full((count * beam,), START, device=device)
    written = torch.empty((count * beam, 0), dtype=torch.long, device=device)
    total = torch.full((count, beam), float("-inf"), device=device)
    total[:, 0] = 0  # all beams begin alike: one of them is enough
    whole: list[list[Found]] = [[] for _ in range(count)]
    for length in range(1, longest + 2):
        logits, state = model.step(last, state)
        log_p = logits.float().log_softmax(1)  # [B K, V]
        log_p[:, [PAD, START]] = float("-inf")
        sums = (total.view(-1, 1) + log_p).view(count, -1)  # [B, K V]
        best, place = sums.topk(min(2 * beam, sums.shape[1]), 1)  # enough for K that do not end
        row, piece = place // log_p.shape[1], place % log_p.shape[1]  # [B, 2 K]
        ends = piece == END
        for i, rank in (ends & best.isfinite())[:, :beam].nonzero().tolist():
            if len(whole[i]) < beam:
                value = best[i, rank].item()
                pieces = written[i * beam + row[i, rank]].tolist()
                whole[i].append(Found(pieces, value, value / length**penalty))
        if length > longest or all(len(found) >= beam for found in whole):
            break
        going = torch.argsort(ends.to(torch.int8), dim=1, stable=True)[:, :beam]  # the best K that do not end
        total = best.masked_fill(ends, float("-inf")).gather(1, going)  # [B, K]
        if not total.isfinite().any():
            break
        row = (row.gather(1, going) + torch.arange(count, device=device)[:, None] * beam).flatten()
        last = piece.gather(1, going).flatten()
        written = torch.cat([written[row], last[:, None]], 1)
        state = tuple(part[row] for part in state)
    for i, found in enumerate(whole):
        if not found:
            found.append(Found(written[i * beam].tolist(), total[i, 0].item(), float("-inf")))
    return [max(found, key=lambda one: one.score) for found in whole]
