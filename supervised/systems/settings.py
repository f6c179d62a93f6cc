"""What the training of a system is told besides its configuration. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tengen.config import Amount, Fraction, Whole
from tengen.settings import Common


@dataclass(frozen=True)
class SystemSettings(Common):
    """What every system has."""

    MAIN: ClassVar[tuple[str, ...]] = ("data", "steps")

    data: str = ""
    """File or folder with the data; empty looks in the cache, then downloads, then makes a small set on the spot."""
    records: str = ""
    """Moves of Go: SGF files, a folder or an archive of them."""
    steps: Whole = 0
    """Length of the training: gradient steps, trees, iterations; 0 takes the system's own."""
    test_every: Whole = 0
    """Steps between two tests; 0 tests twenty times, or less often: testing takes about a fifth of the time at most."""

    def test_interval(self, total: int, cost: float, most: int = 20) -> int:
        """Steps between two tests of a training of `total` steps, whose last one is tested in any case.

        A test takes as long as `cost` steps. Twice the same settings test at the same steps on any machine, so the cost
        is given, not measured.
        """
        return self.test_every or max(1, total // most, round(4 * cost))


@dataclass(frozen=True)
class Descent:
    """What a configuration has whose system learns by gradient descent (supervised/systems/gradient.py)."""

    lr: Amount = 1e-3
    """Highest learning rate (AdamW)."""
    schedule: str = "cosine"
    """Course of the learning rate: constant, step, cosine, one-cycle."""
    warmup: Fraction = 0.0
    """Fraction of the training over which the learning rate rises to its highest value."""
    beta2: Fraction = 0.999
    """Adam: decay of the second moment."""
    weight_decay: Amount = 0.0
    """Of weights; biases and norms are left out."""
    max_grad_norm: Amount = 0.0
    """Gradients longer than this are shortened to it; 0 leaves them."""
    ema: Fraction = 0.0
    """Decay of the moving average of the weights that is tested and kept; 0 has none."""
