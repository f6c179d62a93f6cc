"""Which agent and which settings a task gets when the user names none. No torch in here: `--help` reads it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from agents.dqn import config as dqn
from agents.ppo import config as ppo
from agents.pqn import config as pqn
from agents.reinforce import config as reinforce
from envs.worlds import World
from tengen.errors import unknown


@dataclass(frozen=True)
class Settings:
    """What every training has, whatever its agent."""

    steps: int = 10_000_000
    """Environment steps over all games (an Atari step is four emulator frames)."""
    seed: int = 1
    """Everything random in the run follows from it."""
    sticky: float = 0.25
    """Atari: the chance that the emulator repeats the last action instead of the new one."""
    life_loss_ends: bool = False
    """Atari: a lost life ends the return that is learned from (never the game)."""
    reseed_every: int = 250_000
    """All games are cut and reset after so many environment steps; bounds how long a resume takes."""
    target: float = float("inf")
    """Stop early when the mean score of the recent games reaches this and they are 20 or more."""
    device: str = "auto"
    """auto, cpu or cuda."""
    threads: int = 0
    """Threads for the arithmetic, 0 for all cores; the same number is needed for bit-exact repetition."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto measures at the start and takes bfloat16 where it is clearly faster."""
    wandb: Literal["auto", "online", "offline", "off"] = "auto"
    """Weights & Biases; auto is online when logged in, else offline inside the run folder."""
    final_games: int = 30
    """Games of the score card at the end; 0 ends without card and video."""
    checkpoint_seconds: float = 120.0
    """Seconds between checkpoints."""


AGENTS: dict[str, Any] = {"ppo": ppo, "pqn": pqn, "dqn": dqn, "reinforce": reinforce}


@dataclass(frozen=True)
class Recipe:
    agent: str
    settings: Settings
    config: Any  # the agent's Config


def recipe(world: World, agent: str | None) -> Recipe:
    """The recipe for `world`, with the agent that was measured to be fastest there if `agent` is None."""
    name = agent or "ppo"
    if name not in AGENTS:
        raise unknown("agent", name, AGENTS)
    presets = AGENTS[name].PRESETS
    config = presets.get(world.name) or presets["atari" if world.kind == "atari" else "classic"]
    return Recipe(name, _settings(world, name), config)


def _settings(world: World, agent: str) -> Settings:
    if world.kind == "toy":
        return Settings(steps=60_000)
    if world.kind == "gym":
        return Settings(steps=_CLASSIC_STEPS.get(agent, 100_000))
    settings = Settings(life_loss_ends=world.name != "pong")
    return replace(settings, steps=_PONG_STEPS.get(agent, 2_000_000)) if world.name == "pong" else settings


PONG_STEPS = 1_150_000  # of the recipe; what it reaches is in docs/ppo.md
_CLASSIC_STEPS = {"pqn": 600_000, "reinforce": 400_000}
_PONG_STEPS = {"ppo": PONG_STEPS}
