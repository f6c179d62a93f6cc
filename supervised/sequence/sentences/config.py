"""Settings of the classifier of sentences. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from supervised.systems.settings import Descent
from tengen.config import Amount, Count, Fraction


@dataclass(frozen=True)
class Config(Descent):
    """The sentence CNN and how it learns."""

    MAIN: ClassVar[tuple[str, ...]] = ("net", "folds", "dropout", "lr")

    net: str = "sentence-cnn"
    """Network: sentence-cnn."""
    folds: Count = 10
    """Trainings, each of which holds another part of the sentences out; 1 holds a tenth out."""
    batch: Count = 50
    """Sentences in a gradient step."""
    width: Count = 128
    """Numbers that stand for a word."""
    filters: Count = 100
    """Filters of each size: 3, 4 and 5 words."""
    dropout: Fraction = 0.5
    """Fraction of the features left out while learning."""
    max_norm: Amount = 3.0
    """Longer weight vectors of the output layer are shortened to this; 0 leaves them."""


SENTENCE_CNN = Config(lr=1e-3, schedule="one-cycle")
