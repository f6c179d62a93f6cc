"""Settings of the lessons. No torch in here: `--help` reads it."""

from __future__ import annotations

from dataclasses import dataclass

from tengen.config import Amount


@dataclass(frozen=True)
class Lesson:
    lesson: str = "ravine"
    """Lesson: bias-variance, n-step, over-fitting, sample-size, shattering, vanishing-gradients, ravine."""
    noise: Amount = 0.3
    """bias-variance, over-fitting: standard deviation of the noise."""


RAVINE, BIAS_VARIANCE, N_STEP, OVER_FITTING = (
    Lesson(),
    Lesson("bias-variance"),
    Lesson("n-step"),
    Lesson("over-fitting"),
)
SAMPLE_SIZE, SHATTERING, VANISHING = Lesson("sample-size"), Lesson("shattering"), Lesson("vanishing-gradients")
