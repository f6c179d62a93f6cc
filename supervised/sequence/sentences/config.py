"""Settings of the sentence classifier. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from supervised.systems.settings import Descent
from tengen.config import Amount, Count, Fraction


@dataclass(frozen=True)
class Config(Descent):
    """The sentence CNN and its training."""

    MAIN: ClassVar[tuple[str, ...]] = ("net", "folds", "dropout", "lr")

    net: str = "sentence-cnn"
    """Network: sentence-cnn."""
    folds: Count = 10
    """Folds of cross-validation, one training each; 1 trains once and holds a tenth out."""
    batch: Count = 50
    """Sentences per gradient step."""
    width: Count = 128
    """Dimension of the word vectors."""
    filters: Count = 100
    """Filters of each size: 3, 4 and 5 words."""
    dropout: Fraction = 0.5
    """Dropout: the fraction of features dropped in training."""
    max_norm: Amount = 3.0
    """Max-norm constraint on the weight vectors of the output layer; 0: none."""


SENTENCE_CNN = Config(lr=1e-3, schedule="one-cycle")
