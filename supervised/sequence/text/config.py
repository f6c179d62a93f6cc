"""Settings of character language models, and a preset for each network. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from supervised.systems.settings import Descent
from tengen.config import Count, Fraction


@dataclass(frozen=True)
class Config(Descent):
    MAIN: ClassVar[tuple[str, ...]] = ("net", "hidden", "layers", "dropout", "batch", "length", "lr", "impl")

    net: Literal["rnn", "lstm", "gru", "gpt"] = "lstm"
    """Network: vanilla RNN, LSTM, GRU, or a small GPT."""
    hidden: Count = 512
    """Width: units of a recurrent layer, or of the GPT's residual stream."""
    embedding: Count = 128
    """Dimension of the character embedding (recurrent networks; a GPT's is its width)."""
    layers: Count = 1
    """Recurrent layers, or blocks of the GPT."""
    heads: Count = 4
    """Attention heads per block of the GPT."""
    dropout: Fraction = 0.0
    """Dropout between layers and before the last one."""
    batch: Count = 64
    """Sequences per gradient step."""
    length: Count = 64
    """Characters per sequence; for the GPT also the size of its context."""
    impl: Literal["library", "scratch"] = "library"
    """scratch: cells and attention written to be read (supervised/scratch/recurrent.py, sequence/gpt.py); slower."""
    lr: float = 2e-3
    """Peak learning rate (AdamW)."""
    warmup: float = 0.02
    """Fraction of the training over which the learning rate rises to its peak."""
    beta2: float = 0.99
    """Adam: decay of the second moment."""
    weight_decay: float = 0.1
    """Weight decay; biases and norms are exempt."""
    max_grad_norm: float = 1.0
    """Clip the gradient to this norm: in recurrent networks it can explode (Pascanu 2013, arXiv:1211.5063)."""


LSTM = Config(hidden=256, batch=32, lr=4e-3)
RNN = Config(net="rnn", hidden=256, batch=32, lr=1e-3)
GRU = Config(net="gru", hidden=256, batch=32, lr=4e-3)
GPT = Config(net="gpt", hidden=128, layers=4, heads=4, batch=32, length=64, lr=3e-3)
