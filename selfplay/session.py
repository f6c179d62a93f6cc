"""The parts of an AlphaZero training run: game, network, self-play, records, ladder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from agents.alphazero.config import Config
from agents.alphazero.learner import Learner
from agents.alphazero.network import network_spec
from envs.boards.game import Game
from selfplay.actors import Group
from selfplay.alphazero import AlphaZero
from selfplay.arena import Arena, Rated
from selfplay.games import games_of
from selfplay.players.catalogue import make_player, starts_program
from selfplay.players.player import Player
from selfplay.replay import memory_of_window
from selfplay.settings import SelfPlaySettings
from selfplay.workers import Workers
from supervised.kernels.learning import fastest, for_learning
from supervised.kernels.playing import choose_playing
from supervised.nets.headed import Spec, build, check_fit, sound
from supervised.trunks import describe_trunk, given_trunk, hand_over
from tengen.config import from_dict
from tengen.description import Description
from tengen.device import Compute, cores
from tengen.display import Display, Words
from tengen.errors import UserError
from tengen.kinds import Training
from tengen.metrics import Trainer
from tengen.run import Run
from tengen.seeding import Seeds
from tengen.session import Say, Typed

WORDS = Words(
    "moves",
    "rating",
    "rating",
    ("tree", "network", "learning", "rating"),
    ("games", "rate/games", "rate/evaluations", "batch", "kl", "loss/outcome"),
)


@dataclass(frozen=True)
class RatedCard:
    """The highest-rated network on a run's ladder."""

    task: str
    agent: str
    best: Rated

    def describe(self) -> str:
        best = self.best
        return (
            f"best network: step {best.step:,}, {best.rating:.0f} [{best.low:.0f}, {best.high:.0f}] Elo above the first"
        )

    def to_dict(self) -> dict[str, Any]:
        return {"kind": "selfplay", "task": self.task, "agent": self.agent} | asdict(self.best)


class SelfPlaySession:
    """A training run built from its settings; identical for new and resumed runs."""

    frames_per_step = 1

    def __init__(
        self,
        training: Training,
        compute: Compute | None = None,
        *,
        saved: Spec | None = None,
        runs: Path = Path("runs"),
        anew: Mapping[str, Any] | None = None,
    ) -> None:
        self.training, self.settings, self.az_config = training, training.settings, training.config
        settings: SelfPlaySettings = training.settings
        config: Config = training.config
        self.seeds = Seeds(settings.seed)
        self.games = games_of(training.task, settings, config, cores())
        self.game: Game = self.games[0]
        fresh = network_spec(self.game, config)
        spec = saved or fresh
        check_fit(spec, fresh["trunk"]["input_shape"], fresh["heads"], training.task)
        for make in self._outside(runs).values():  # report an unknown player now, not in an hour
            make(1).close()
        begins = saved is None or anew is not None
        given = given_trunk(settings, runs, spec["trunk"]["input_shape"], anew) if begins else None
        self.began_from = given.origin if given else None
        if given:
            padded = {"masked": True} if config.sizes else {}  # several board sizes in one batch
            spec = {"trunk": given.net.spec["trunk"] | padded, "heads": spec["heads"]}
        self.measured: dict[str, float] = {}
        if compute is None:
            planes = torch.from_numpy(np.ascontiguousarray(self.game.encode(self.game.new(config.batch))))
            compute, self.measured = fastest(settings, spec, planes)
            sample = planes[: min(64, config.boards)]
            compute, rates = choose_playing(build(spec, 0), compute, sample, settings.convolutions)
            self.measured |= rates
        self.compute = compute
        compute.start()
        net = build(spec, self.seeds.integer("network"))
        if given:
            hand_over(given.net, net, settings.keep_heads)
        net.trunk.requires_grad_(not settings.freeze_trunk)
        for_learning(net, compute)
        self.spec = net.spec
        actors: Group | None = Workers(self.description(), self.games, config, settings) if settings.workers else None
        self.learner = AlphaZero(config, self.games, net, compute, self.seeds, settings.steps, actors)

    def description(self) -> Description:
        return Description(
            kind=self.training.kind,
            task=self.training.task,
            agent=self.training.agent,
            settings=asdict(self.settings),
            config=asdict(self.az_config),
            compute=self.compute.to_dict(),
            network=self.spec,
        )

    def attach(self, run: Run, report: Say, writing: bool = True) -> None:
        """Store records and rated networks in the run's folder."""
        c = self.az_config
        self.learner.folder, self.learner.writing = run.path / "games", writing
        if isinstance(self.learner.actors, Workers):
            self.learner.actors.pool.say = report
        seed = self.seeds.integer("arena")
        outside = self._outside(run.path.parent)
        self.learner.arena = Arena(
            self.game, self.compute, run.path, c.rate_games, c.rate_simulations, seed, outside, report
        )
        if writing and run.begins_anew:
            (run.path / "arena.jsonl").unlink(missing_ok=True)  # of a training killed before its first checkpoint

    def _outside(self, runs: Path) -> dict[str, Callable[[int], Player]]:
        """name -> makes the player for a number of boards."""
        names = players_in(self.settings.outside)
        simulations, seed = self.az_config.rate_simulations, self.settings.seed
        return {
            name: partial(make_player, name, self.game, simulations=simulations, seed=seed, runs=runs) for name in names
        }

    def remarks(self) -> list[str]:
        spec = self.learner.net.spec["trunk"]
        count = sum(p.numel() for p in self.learner.net.parameters())
        trees = 16 * self.az_config.boards * (self.az_config.simulations + 2) * self.game.num_actions
        cache = 4 * self.az_config.evaluation_cache * (self.game.num_actions + 3)
        memory = trees + cache + memory_of_window(self.az_config, self.game.num_actions)
        lines = [
            f"network {spec['kind']} {spec['channels']}x{spec['blocks']}, {count:,} weights; "
            f"computing on {self.compute}",
            f"trees, cached evaluations and window take at most {memory / 1e6:,.0f} MB of memory",
        ]
        if isinstance(self.learner.actors, Workers):
            lines.append(self.learner.actors.describe())
        if self.settings.trunk:
            lines.append(describe_trunk(self.settings, self.learner.net))
        return lines

    def trainer(self) -> Trainer:
        return self.learner

    @property
    def shared(self) -> Learner:
        """The part that several learners share; only the first of them plays, or has workers that do."""
        return self.learner.learner

    def display(self, name: str) -> Display:
        words = WORDS._replace(stages=("waiting", "learning", "rating")) if self.settings.workers else WORDS
        return Display(name, self.settings.steps, words, picture=self._board)

    def _board(self) -> str:
        """The first game in progress."""
        return self.learner.actors.picture()

    def measures(self) -> str:
        return ""  # the ladder's matches are played during training

    def finish(self, run: Run) -> RatedCard | None:
        best = self.learner.arena.best if self.learner.arena else None
        return RatedCard(self.training.task, self.training.agent, best) if best else None

    def type_next(self, run: Run) -> list[str]:
        return [f"tengen match {run.path}:200 uct:1000 --board {self.training.task}", f"tengen plot {run.path}"]

    def close(self) -> None:
        self.learner.actors.close()


def players_in(outside: str) -> list[str]:
    """The names in `--outside`."""
    return [name.strip() for name in outside.split(",") if name.strip()]


def session_of_run(run: Run, typed: Typed) -> SelfPlaySession:
    """The session that `run`'s config.yaml describes, in its initial state.

    A program is never started just because a file names it: it must be among the options `typed` in this call.
    """
    saved = Description.of_run(run)
    settings, config = from_dict(SelfPlaySettings, saved.settings), from_dict(Config, saved.config)
    if "outside" in typed:
        settings = replace(settings, outside=typed["outside"])
    elif programs := [name for name in players_in(settings.outside) if starts_program(name)]:
        raise UserError(
            f"{run.path} matches its networks against {', '.join(programs)}; a program named in a file is not started"
            f" automatically: add --outside '{settings.outside}' to start it, or --outside '' to continue without"
        )
    training = Training(saved.kind, saved.task, saved.agent, settings, config)
    compute, network = from_dict(Compute, saved.compute), sound(saved.network, run.path / "config.yaml")
    return SelfPlaySession(training, compute, saved=network, runs=run.path.parent, anew=run.anew())
