"""Settings of the GAN. No torch in here: `--help` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from supervised.systems.settings import Descent
from tengen.config import Amount, Count, Fraction


@dataclass(frozen=True)
class GanConfig(Descent):
    MAIN: ClassVar[tuple[str, ...]] = ("model", "noise", "width", "lr", "batch")

    model: str = "gan"
    """What learns: gan."""
    noise: Count = 64
    """Dimension of the noise from which the generator makes a picture."""
    width: Count = 64
    """Channels at half resolution; twice as many at a quarter."""
    batch: Count = 64
    """Real pictures, and as many generated ones, per step of the discriminator."""
    penalty: Amount = 0.2
    """Weight of the R1 penalty: the squared norm of the discriminator's gradient at real pictures."""
    penalty_every: Count = 8
    """Steps between R1 penalties; each is multiplied by this number."""
    lr: Amount = 1e-3
    """Peak learning rate of both networks (Adam)."""
    beta1: Fraction = 0.5
    """Adam: decay of the first moment, as in DCGAN."""
    beta2: Fraction = 0.99
    """Adam: decay of the second moment."""
    ema: Fraction = 0.999
    """Decay of the moving average of the generator's weights, which is tested and saved."""


GAN = GanConfig()
