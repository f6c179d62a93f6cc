"""Settings of REINFORCE on the numpy tape. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tengen.config import Amount, Count, Fraction


@dataclass(frozen=True)
class Config:
    MAIN: ClassVar[tuple[str, ...]] = ("impl", "num_envs", "lr", "gamma")

    impl: Literal["tape"] = "tape"
    """tape: numpy and back-propagation by hand (agents/reinforce/by_hand.py)."""
    num_envs: Count = 32
    """Games per update."""
    lr: Amount = 0.1
    """Adam's learning rate."""
    gamma: Fraction = 0.95
    """Discount per step."""


BY_HAND = Config()
