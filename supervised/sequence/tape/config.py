"""Settings of the network trained with the autodiff tape. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tengen.config import Amount, Count


@dataclass(frozen=True)
class Config:
    MAIN: ClassVar[tuple[str, ...]] = ("impl", "hidden", "layers", "batch", "lr")

    impl: Literal["tape"] = "tape"
    """tape: back-propagation written in numpy (supervised/sequence/tape/tape.py)."""
    hidden: Count = 128
    """Units per hidden layer."""
    layers: Count = 2
    """Number of hidden layers."""
    batch: Count = 32
    """Pictures per gradient step."""
    lr: Amount = 2e-3
    """Peak learning rate (Adam); it falls to zero along half a cosine."""


TAPE = Config()
