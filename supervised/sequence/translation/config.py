"""Settings of translation, for each of the three networks. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from supervised.systems.settings import Descent
from tengen.config import Amount, Count, Fraction


@dataclass(frozen=True)
class Config(Descent):
    """A translation model and its training."""

    MAIN: ClassVar[tuple[str, ...]] = ("net", "source", "target", "width", "layers", "lr")

    net: Literal["seq2seq", "attention", "transformer"] = "transformer"
    """Network: LSTM to LSTM, GRU with attention, or Transformer."""
    impl: Literal["library", "scratch"] = "library"
    """Recurrent layers and attention: PyTorch's, or the equations written out (supervised/scratch, heads.py)."""
    source: str = "de"
    """Language to translate from: the extension of its files."""
    target: str = "en"
    """Language to translate into."""
    pieces: Count = 5000
    """Vocabulary size of each language, in subword pieces (byte-pair encoding)."""
    batch_tokens: Count = 2048
    """Target-language tokens per batch, approximately."""
    width: Count = 256
    """Units per layer."""
    embedding: Count = 256
    """Dimension of the token embeddings (recurrent networks; the Transformer uses `width`)."""
    layers: Count = 3
    """Layers in the encoder, and in the decoder."""
    heads: Count = 8
    """Attention heads per layer (Transformer)."""
    feed_forward: Count = 1024
    """Hidden units of the feed-forward layers (Transformer)."""
    dropout: Fraction = 0.1
    """Dropout: the fraction of units dropped in training."""
    label_smoothing: Fraction = 0.1
    """Fraction of the target's probability spread over all tokens."""
    beam: Count = 5
    """Beam width: partial translations that the search keeps."""
    length_penalty: Amount = 1.0
    """The log-probability of a finished translation is divided by its length to this power before comparison."""


_SHARED: dict[str, Any] = {"schedule": "cosine", "weight_decay": 0.01, "max_grad_norm": 1.0}
TRANSFORMER = Config(feed_forward=512, dropout=0.3, lr=1e-3, warmup=0.1, beta2=0.98, **_SHARED)
ATTENTION = Config(net="attention", width=384, layers=1, dropout=0.4, lr=1.5e-3, warmup=0.02, **_SHARED)
SEQ2SEQ = Config(net="seq2seq", width=512, layers=2, batch_tokens=1024, dropout=0.2, lr=1.5e-3, warmup=0.02, **_SHARED)
