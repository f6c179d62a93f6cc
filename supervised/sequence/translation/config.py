"""Settings of translation, for each of the three networks. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from supervised.systems.settings import Descent
from tengen.config import Amount, Count, Fraction


@dataclass(frozen=True)
class Config(Descent):
    """A translator and how it learns."""

    MAIN: ClassVar[tuple[str, ...]] = ("net", "source", "target", "width", "layers", "lr")

    net: Literal["seq2seq", "attention", "transformer"] = "transformer"
    """Network: LSTM to LSTM, GRU with attention, or Transformer."""
    impl: Literal["library", "scratch"] = "library"
    """Recurrent layers and attention: PyTorch's, or the equations written out (supervised/scratch, heads.py)."""
    source: str = "de"
    """Language to translate from: the ending of its files."""
    target: str = "en"
    """Language to translate into."""
    pieces: Count = 5000
    """Pieces of words that each language is written in (byte-pair encoding)."""
    batch_tokens: Count = 2048
    """Pieces of the target language in a batch, about."""
    width: Count = 256
    """Units of a layer."""
    embedding: Count = 256
    """Numbers that stand for a piece (recurrent networks; the Transformer has `width`)."""
    layers: Count = 3
    """Layers of encoder and of decoder."""
    heads: Count = 8
    """Attention heads of a layer (Transformer)."""
    feed_forward: Count = 1024
    """Units inside a layer (Transformer)."""
    dropout: Fraction = 0.1
    """Fraction of units left out while learning."""
    label_smoothing: Fraction = 0.1
    """Probability that the target shares among all pieces."""
    beam: Count = 5
    """Partial translations that the search keeps."""
    length_penalty: Amount = 1.0
    """Log-probabilities of whole translations are divided by their length to this power before they are compared."""


_SHARED: dict[str, Any] = {"schedule": "cosine", "weight_decay": 0.01, "max_grad_norm": 1.0}
TRANSFORMER = Config(feed_forward=512, dropout=0.3, lr=1e-3, warmup=0.1, beta2=0.98, **_SHARED)
ATTENTION = Config(net="attention", width=384, layers=1, dropout=0.4, lr=1.5e-3, warmup=0.02, **_SHARED)
SEQ2SEQ = Config(net="seq2seq", width=512, layers=2, dropout=0.4, lr=1.5e-3, warmup=0.02, **_SHARED)
