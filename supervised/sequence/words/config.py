"""Settings of word vectors. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tengen.config import Amount, Count, Fraction


@dataclass(frozen=True)
class Config:
    """Skip-gram with negative sampling."""

    MAIN: ClassVar[tuple[str, ...]] = ("width", "window", "negatives", "board")

    net: Literal["skip-gram", "act2vec"] = "skip-gram"
    """What to learn: vectors of the words of a text, or of the moves of games."""
    width: Count = 100
    """Dimension of the word vectors."""
    window: Count = 5
    """Largest context window to each side; each word draws its own window at random."""
    negatives: Count = 5
    """Negative samples per true pair (k)."""
    power: Fraction = 0.75
    """Negative samples are drawn by word frequency to this power."""
    keep: Amount = 1e-3
    """Subsampling: words with a higher frequency are skipped at random; 0 keeps all."""
    fewest: Count = 5
    """Words that occur less often are ignored."""
    most_words: Count = 20_000_000
    """Of a longer text only the beginning is used, which bounds the memory."""
    lr: Amount = 0.025
    """Learning rate at the start; it falls linearly to a thousandth."""
    board: Count = 19
    """Go: size of the board whose games are read with --records."""


SKIP_GRAM = Config()
ACT2VEC = Config(net="act2vec", width=32, window=2, keep=0.0)
