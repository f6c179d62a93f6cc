"""Settings of AlphaZero's training besides its own configuration. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tengen.config import Amount, Count, Whole
from tengen.settings import Distributed


@dataclass(frozen=True)
class SelfPlaySettings(Distributed):
    """What AlphaZero's training has besides its configuration."""

    MAIN: ClassVar[tuple[str, ...]] = ("steps", "outside")

    steps: Count = 10_000_000
    """Moves of self-play over all games."""
    rules: str = "cgos"
    """Go: the rule set, see tengen games."""
    komi: str = "fair"
    """Go: points for White; fair is what best play would give a small board, else the rules' own."""
    outside: str = ""
    """External players to rate each network against, separated by commas, as in tengen match: uct:1000,gtp:COMMAND."""
    inference_actors: Whole = 0
    """Workers: evaluate the positions of all in so many processes, in common batches; 0: each worker by itself."""
    inference_gpus: Amount = 0.0
    """Inference actors: GPUs that each takes up."""
    inference_deadline_ms: Amount = 5.0
    """Inference actors: milliseconds that positions wait at most for those of other workers."""
