"""Which agent and which settings a task gets when the user names none. No torch in here: `--help` reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from agents.alphazero import config as alphazero
from agents.dqn import config as dqn
from agents.ppo import config as ppo
from agents.pqn import config as pqn
from agents.reinforce import config as reinforce
from envs.worlds import World
from supervised import config as labels
from tengen.config import Amount, Count, Share, Whole
from tengen.errors import UserError, unknown


@dataclass(frozen=True)
class Common:
    """What every training has, with labels or without."""

    seed: Whole = 1
    """Everything random in the run follows from it."""
    trunk: str = ""
    """Start from the trunk of this run or zoo network, with new heads."""
    keep_heads: bool = False
    """Take the heads of that network too, where the task needs the same: go on from all it knows."""
    freeze_trunk: bool = False
    """Leave the given trunk as it is and learn the heads only."""
    device: str = "auto"
    """auto, cpu or cuda."""
    threads: Whole = 0
    """Threads for the arithmetic, 0 for all cores; the same number is needed for bit-exact repetition."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto measures at the start and takes bfloat16 where it is clearly faster."""
    layout: Literal["auto", "channels-last", "default"] = "auto"
    """Of pictures in memory; auto measures at the start. The same seed needs the same precision and layout."""
    convolutions: Literal["auto", "direct", "winograd"] = "auto"
    """How convolutions are computed on a CPU, same function each way: auto measures Winograd's algorithm for 3x3 ones
    and works on what moves in screens (docs/supervised.md); direct is PyTorch's."""
    wandb: Literal["auto", "online", "offline", "off"] = "auto"
    """Weights & Biases; auto is online when logged in, else offline inside the run folder."""
    checkpoint_seconds: Amount = 120.0
    """Seconds between checkpoints."""


@dataclass(frozen=True)
class LabelSettings(Common):
    """What training with labels has besides its configuration."""

    data: str = ""
    """Folder or archive with the data set's files; empty looks in the cache, then downloads."""
    games: str = ""
    """Go: SGF files, a folder or an archive of them."""
    features: Literal["compact", "zero", "alphago"] = "compact"
    """Go: which planes the network sees (docs/go.md)."""
    test_every: Whole = 0
    """Examples between two tests; 0 tests after each epoch."""
    test_examples: Whole = 0
    """Examples of the held-out set that a test takes, always the same; 0 takes all."""
    card_examples: Whole = 0
    """The same for the score card at the end."""


@dataclass(frozen=True)
class Settings(Common):
    """What the training of an agent has besides its configuration."""

    steps: Count = 10_000_000
    """Environment steps over all games (an Atari step is four emulator frames)."""
    sticky: Share = 0.25
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
