"""Settings of the network that learns by the tape. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tengen.config import Amount, Count


@dataclass(frozen=True)
class Config:
    MAIN: ClassVar[tuple[str, ...]] = ("impl", "hidden", "layers", "batch", "lr")

    impl: Literal["tape"] = "tape"
    """tape: numpy and back-propagation by hand (supervised/sequence/tape/tape.py)."""
    hidden: Count = 128
    """Units of a hidden layer."""
    layers: Count = 2
    """Hidden layers."""
    batch: Count = 32
    """Pictures in a gradient step."""
    lr: Amount = 2e-3
    """Highest learning rate (Adam); it falls to zero along half a cosine."""


TAPE = Config()
