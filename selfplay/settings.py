"""Settings of AlphaZero's training besides its configuration. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tengen.config import Amount, Count, Whole
from tengen.settings import Distributed


@dataclass(frozen=True)
class SelfPlaySettings(Distributed):
    """Settings of AlphaZero's training."""

    MAIN: ClassVar[tuple[str, ...]] = ("steps", "outside")

    steps: Count = 10_000_000
    """Moves of self-play over all games."""
    rules: str = "cgos"
    """Go: the rule set, see tengen games."""
    komi: str = "fair"
    """Go: points for White; fair is the result of best play where a small board is solved, else the rules' own."""
    outside: str = ""
    """External players to rate each network against, separated by commas, as in tengen match: uct:1000,gtp:COMMAND."""
    inference_actors: Whole = 0
    """Workers: processes that evaluate the positions of all workers in shared batches; 0: each worker its own."""
    inference_gpus: Amount = 0.0
    """Inference actors: GPUs per actor."""
    inference_deadline_ms: Amount = 5.0
    """Inference actors: longest time in milliseconds that a position waits for those of other workers."""
