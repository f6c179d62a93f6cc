"""Settings of an agent's training besides the agent's own configuration. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tengen.config import Count, Fraction, Whole
from tengen.settings import Distributed


@dataclass(frozen=True)
class Settings(Distributed):
    """Settings of an agent's training."""

    MAIN: ClassVar[tuple[str, ...]] = ("steps", "engine")

    steps: Count = 10_000_000
    """Environment steps over all games (an Atari step is four emulator frames)."""
    sticky: Fraction = 0.25
    """Atari: the probability that the emulator repeats the last action instead of taking the new one."""
    life_loss_ends: bool = False
    """Atari: losing a life ends the return (never the game)."""
    reseed_every: Count = 250_000
    """Environment steps after which all games are cut off and reset; bounds how long a resume takes."""
    target: float = float("inf")
    """Stop early when the mean score of the recent games, at least 20 of them, reaches this."""
    engine: Literal["tengen", "rllib"] = "tengen"
    """Training loop: tengen's, or rllib's (with --algo) on the same network and games (docs/algorithms/rllib.md)."""
    algo: str = ""
    """With --engine rllib: ppo, appo, impala or dqn; Tengen's own agents are chosen with --agent."""
    final_games: Whole = 30
    """Games played for the final score card; 0 skips the card and the video."""
