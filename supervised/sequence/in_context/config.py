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
    """Family of tasks: linear functions, or key-value pairs to look up."""
    dimension: Count = 4
    """linear: dimension of the input. lookup: number of keys, and of values."""
    examples: Count = 12
    """Examples per prompt."""
    hidden: Count = 64
    """Width of the GPT."""
    heads: Count = 4
    """Attention heads per block."""
    layers: Count = 3
    """Number of blocks."""
    batch: Count = 64
    """Prompts per gradient step, each for a different task."""
    lr: float = 3e-3
    """Peak learning rate (AdamW)."""
    warmup: float = 0.05
    """Fraction of the training over which the learning rate rises to its peak."""
    max_grad_norm: float = 1.0
    """Clip the gradient to this norm."""


LINEAR = Config()
LOOKUP = Config(family="lookup", layers=2)
