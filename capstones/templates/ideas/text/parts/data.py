"""A text as numbers, cut into pieces that are read in parallel. Complete: nothing to do here."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from supervised.data.text import Corpus, read


def load(data: str | Path | None = None, quick: bool = False, say: Callable[[str], None] = print) -> Corpus:
    """The text in the file `data`; else Tiny Shakespeare, cached or downloaded (not if `quick`); else sums in words.

    A token is a byte that occurs in the text. `corpus.alphabet` has a len, encode(text) and decode(tokens).
    """
    return read(str(data or ""), say, download=not quick)


class Pieces:
    """`size` pieces of the training text (the first nine tenths), read in parallel, `length` tokens at a time."""

    def __init__(self, corpus: Corpus, size: int, length: int) -> None:
        self.corpus, self.size, self.length = corpus, size, length
        self.each = corpus.learned // size  # tokens per piece
        self.rounds = (self.each - 1) // length  # steps until the pieces are used up
        if self.rounds < 1:
            raise ValueError(f"{corpus.about}: too short for {size} pieces of {length} tokens")

    def __call__(self, step: int) -> tuple[torch.Tensor, bool]:
        """(tokens [size, length + 1], whether they are the beginning of the pieces) for gradient step number `step`.

        The last token of one step is the first of the next: so far it was only a target.
        """
        place = step % self.rounds
        starts = np.arange(self.size) * self.each + place * self.length
        return torch.from_numpy(self.corpus.windows(starts, self.length + 1)), place == 0
