"""Which agent and which settings a task gets when the user names none. No torch in here: `--help` reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from agents.alphazero import config as alphazero
from agents.dqn import config as dqn
from agents.ppo import config as ppo
from agents.pqn import config as pqn
from agents.reinforce import config as reinforce
from envs.worlds import World
from supervised import config as labels
from supervised.settings import Common, LabelSettings
from tengen.config import Count, Fraction, Whole
from tengen.errors import UserError, unknown


@dataclass(frozen=True)
class Settings(Common):
    """What the training of an agent has besides its configuration."""

    steps: Count = 10_000_000
    """Environment steps over all games (an Atari step is four emulator frames)."""
    sticky: Fraction = 0.25
    """Atari: the chance that the emulator repeats the last action instead of the new one."""
    life_loss_ends: bool = False
    """Atari: a lost life ends the return that is learned from (never the game)."""
    reseed_every: Count = 250_000
    """All games are cut and reset after so many environment steps; bounds how long a resume takes."""
    target: float = float("inf")
    """Stop early when the mean score of the recent games reaches this and they are 20 or more."""
    final_games: Whole = 30
    """Games of the score card at the end; 0 ends without card and video."""


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


PONG_STEPS = 2_800_000  # of the recipe; what it reaches is in docs/ppo.md
_CLASSIC_STEPS = {"pqn": 600_000, "reinforce": 400_000}
_PONG_STEPS = {"ppo": PONG_STEPS}

SELFPLAY_GAMES = ("tictactoe", "connect4")  # and go2 … go25


@dataclass(frozen=True)
class SelfPlaySettings(Common):
    """What AlphaZero's training has besides its configuration."""

    steps: Count = 10_000_000
    """Moves of self-play over all games."""
    rules: str = "cgos"
    """Go: the rule set, see tengen games."""
    komi: str = "fair"
    """Go: points for White; fair is what best play would give a small board, else the rules' own."""
    outside: str = ""
    """Players that each rated network meets too, separated by commas, as in tengen match: uct:1000,gtp:COMMAND."""


def selfplay_recipe(task: str) -> tuple[SelfPlaySettings, alphazero.Config]:
    """Settings and configuration of AlphaZero on `task`."""
    check_board(task)
    steps = {"tictactoe": 60_000, "connect4": 1_500_000, "go5": 400_000}.get(task, 10_000_000)
    return SelfPlaySettings(steps=steps), alphazero.PRESETS.get(task, alphazero.PRESETS["go"])


IMAGE_TASKS = ("digits", "mnist", "fashion-mnist", "cifar10", "images")


def go_board(task: str) -> int | None:
    """The board size of `go9`, `go19` …; None for another task."""
    found = re.fullmatch(r"go(\d{1,2})", task.lower())
    return int(found[1]) if found else None


def check_board(task: str) -> None:
    size = go_board(task)
    if size is not None and not 2 <= size <= 25:
        raise UserError(f"a board of {size}x{size}: sizes from 2 to 25 can be played")


def label_recipe(task: str, net: str = "") -> tuple[LabelSettings, labels.Config]:
    """Settings and configuration of training with labels on `task`, with the network `net` where one is named."""
    check_board(task)
    if go_board(task):
        settings = LabelSettings(test_every=50_000, test_examples=5_000, card_examples=20_000)
        return settings, labels.preset(task if task in labels.PRESETS else "go", net)
    return LabelSettings(), labels.preset(task, net)
