"""A trained translator: from text to text, with its attention weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np
import torch
from torch import nn

from supervised.sequence.translation import batches
from supervised.sequence.translation.attention import Attention
from supervised.sequence.translation.beam import search
from supervised.sequence.translation.pieces import START, Pieces
from supervised.sequence.translation.seq2seq import Seq2Seq
from supervised.sequence.translation.transformer import Transformer
from tengen.bounds import bounded
from tengen.config import Range, check_described

NETS: dict[str, Any] = {"seq2seq": Seq2Seq, "attention": Attention, "transformer": Transformer}
_OF_NO_WEIGHT: dict[str, Any] = {
    "beam": Annotated[int, Range(1, 1000)],
    "length_penalty": Annotated[float, Range(0, 100)],
}
_TOGETHER = 64  # sentences that are searched at once


class Translation(NamedTuple):
    text: str
    source: list[str]  # pieces, with the end
    target: list[str]
    looks: np.ndarray | None  # [T, S] attention; None where a network has none


class Translator:
    """A network and the pieces of its two languages, built from the description saved with the weights."""

    def __init__(self, network: dict[str, Any], weights: dict[str, torch.Tensor] | None = None) -> None:
        self.network = network
        self.source, self.target = Pieces(**network["source"]), Pieces(**network["target"])
        sizes = len(self.source), len(self.target)
        self.net: nn.Module = bounded(lambda: NETS[network["net"]](*sizes, **network["options"]))
        if weights is not None:
            self.net.load_state_dict(weights)
        self.net.eval()

    @torch.no_grad()
    def translate(
        self, texts: Sequence[str], beam: int, penalty: float, watch: Callable[[int], None] = lambda done: None
    ) -> list[str]:
        """The translations of `texts`, in their order; `watch` is told how many are done."""
        net: Any = self.net
        device = next(net.parameters()).device
        encoded = [self.source.encode(text) for text in texts]
        made, done = [""] * len(texts), 0
        for rows in batches.by_length(encoded, _TOGETHER):
            length = len(encoded[rows[0]])
            if length == 0:
                continue
            source = batches.sources(encoded[i] for i in rows).to(device)
            for i, found in zip(rows, search(net, source, beam, 2 * length + 10, penalty), strict=True):
                made[i] = self.target.decode(found.pieces)
            done += len(rows)
            watch(done)
        return made

    @torch.no_grad()
    def explain(self, text: str, beam: int, penalty: float) -> Translation:
        """The translation of `text` with the attention that it came from."""
        net: Any = self.net
        translated = self.translate([text], beam, penalty)[0]
        numbers, answer = self.source.encode(text), self.target.encode(translated)
        looks = None
        if numbers and hasattr(net, "attend"):
            device = next(net.parameters()).device
            source = batches.sources([numbers]).to(device)
            found = net.attend(source, torch.tensor([[START, *answer]], device=device))  # [1, T, S]
            looks = found[0].float().cpu().numpy()
        read, written = (
            [*(pieces.names[i] for i in ids), "end"] for pieces, ids in ((self.source, numbers), (self.target, answer))
        )
        return Translation(translated, read, written, looks)


def model(network: dict[str, Any], weights: dict[str, torch.Tensor]) -> Translator:
    check_described(network, _OF_NO_WEIGHT)
    if not all(isinstance(name, str) for name in network["languages"]) or len(network["languages"]) != 2:
        raise TypeError("languages have names")
    return Translator(network, weights)
