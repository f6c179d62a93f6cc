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
    """Numbers a character becomes (recurrent networks; a GPT's are as wide as it is)."""
    layers: Count = 1
    """Recurrent layers, or blocks of the GPT."""
    heads: Count = 4
    """Attention heads of a block of the GPT."""
    dropout: Fraction = 0.0
    """Fraction of the features dropped between layers and before the last one."""
    batch: Count = 64
    """Texts in a gradient step."""
    length: Count = 64
    """Characters of each text in a gradient step; for the GPT also the most that it can look back on."""
    impl: Literal["library", "scratch"] = "library"
    """scratch: cells and attention written to be read (supervised/scratch/recurrent.py, sequence/gpt.py); slower."""
    lr: float = 2e-3
    """Highest learning rate (AdamW)."""
    warmup: float = 0.02
    """Fraction of the training over which the learning rate rises to its highest value."""
    beta2: float = 0.99
    """Adam: decay of the second moment."""
    weight_decay: float = 0.1
    """Of weights; biases and norms are left out."""
    max_grad_norm: float = 1.0
    """Gradients longer than this are shortened to it: recurrent ones explode (Pascanu 2013, arXiv:1211.5063)."""


LSTM = Config(hidden=256, batch=32, lr=4e-3)
RNN = Config(net="rnn", hidden=256, batch=32, lr=1e-3)
GRU = Config(net="gru", hidden=256, batch=32, lr=4e-3)
GPT = Config(net="gpt", hidden=128, layers=4, heads=4, batch=32, length=64, lr=3e-3)
