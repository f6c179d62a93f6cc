"""Settings of the U-Net. No torch in here: `--help` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from supervised.systems.settings import Descent
from tengen.config import Amount, Count, Fraction, Range


@dataclass(frozen=True)
class ScenesConfig(Descent):
    MAIN: ClassVar[tuple[str, ...]] = ("net", "width", "levels", "lr", "batch")

    net: str = "unet"
    """The network: unet."""
    width: Count = 16
    """Channels of the first level; each further level has twice as many as the one before."""
    levels: Annotated[int, Range(1, 7)] = 4
    """Levels of resolution; a scene has 64 pixels a side, which can be halved six times."""
    batch: Count = 16
    """Scenes per gradient step."""
    lr: Amount = 4e-3
    """Peak learning rate (AdamW)."""
    warmup: Fraction = 0.05
    """Fraction of the training over which the learning rate rises to its peak."""
    ema: Fraction = 0.995
    """Decay of the moving average of the weights, which is tested and saved; 0: no average."""


SCENES = ScenesConfig()
