"""Settings of a system's training besides its configuration. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tengen.config import Amount, Fraction, Whole
from tengen.settings import Common


@dataclass(frozen=True)
class SystemSettings(Common):
    """Settings of every system."""

    MAIN: ClassVar[tuple[str, ...]] = ("data", "steps")

    data: str = ""
    """File or folder with the data; empty looks in the cache, then downloads, then generates a small set."""
    records: str = ""
    """Go moves: SGF files, a folder or an archive of them."""
    steps: Whole = 0
    """Length of the training: gradient steps, trees, iterations; 0 takes the system's default."""
    test_every: Whole = 0
    """Steps between tests; 0: 20 tests in all, fewer where they would take more than about a fifth of the time."""

    def test_interval(self, total: int, cost: float, most: int = 20) -> int:
        """Steps between two tests of a training of `total` steps; the last step is always tested.

        A test takes as long as `cost` steps. The cost is given, not measured, so that the same settings test at the
        same steps on any machine.
        """
        return self.test_every or max(1, total // most, round(4 * cost))


@dataclass(frozen=True)
class Descent:
    """Settings of a system that learns by gradient descent (supervised/systems/gradient.py)."""

    lr: Amount = 1e-3
    """Peak learning rate (AdamW)."""
    schedule: Literal["constant", "step", "cosine", "one-cycle"] = "cosine"
    """Learning rate: constant; divided by 10 at 1/2 and again at 3/4; half a cosine; linear to zero."""
    warmup: Fraction = 0.0
    """Fraction of the training over which the learning rate rises to its peak."""
    beta2: Fraction = 0.999
    """Adam: decay of the second moment."""
    weight_decay: Amount = 0.0
    """Weight decay; biases and norms are exempt."""
    max_grad_norm: Amount = 0.0
    """Clip the gradient to this norm; 0 disables clipping."""
    ema: Fraction = 0.0
    """Decay of the moving average of the weights, which is tested and saved; 0: no average."""
