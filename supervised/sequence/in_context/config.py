"""Settings of few-shot learning in miniature. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from supervised.systems.settings import Descent
from tengen.config import Count


@dataclass(frozen=True)
class Config(Descent):
    MAIN: ClassVar[tuple[str, ...]] = ("family", "dimension", "examples", "hidden", "layers", "batch", "lr")

    family: Literal["linear", "lookup"] = "linear"
    """Family of tasks: linear functions, or pairs of a key and a value to look up."""
    dimension: Count = 4
    """linear: numbers in an input. lookup: different keys, and as many values."""
    examples: Count = 12
    """Examples in a prompt."""
    hidden: Count = 64
    """Width of the GPT."""
    heads: Count = 4
    """Attention heads of a block."""
    layers: Count = 3
    """Blocks."""
    batch: Count = 64
    """Prompts in a gradient step, each of a task of its own."""
    lr: float = 3e-3
    """Highest learning rate (AdamW)."""
    warmup: float = 0.05
    """Fraction of the training over which the learning rate rises to its highest value."""
    max_grad_norm: float = 1.0
    """Gradients longer than this are shortened to it."""


LINEAR = Config()
LOOKUP = Config(family="lookup", layers=2)
