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
    """What is learned: vectors of the words of a text, or of the moves of games."""
    width: Count = 100
    """Numbers that stand for a word."""
    window: Count = 5
    """Words to each side that are predicted, at most: each word draws how many."""
    negatives: Count = 5
    """Words drawn at random beside each one that is there (k)."""
    power: Fraction = 0.75
    """They are drawn by their frequency to this power."""
    keep: Amount = 1e-3
    """Words with a higher frequency are left out at random; 0 keeps all."""
    fewest: Count = 5
    """Words that occur less often are skipped."""
    most_words: Count = 20_000_000
    """Of a longer text the beginning is learned: this bounds the memory."""
    lr: Amount = 0.025
    """Learning rate at the start; it falls linearly to a thousandth."""
    board: Count = 19
    """Go: size of the board whose games are read with --records."""


SKIP_GRAM = Config()
ACT2VEC = Config(net="act2vec", width=32, window=2, keep=0.0)
