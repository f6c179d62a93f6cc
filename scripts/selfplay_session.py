"""What AlphaZero's training is made of: game, network, self-play, records, ladder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from agents.alphazero.config import Config
from envs.boards.catalogue import make_game
from envs.boards.game import Game
from envs.go.rule_sets import BEST_PLAY
from scripts.recipes import SELFPLAY_GAMES, SelfPlaySettings, go_board
from scripts.sessions import fastest, saved_config
from selfplay.alphazero import AlphaZero, memory_of_window, network_spec
from selfplay.arena import Arena
from selfplay.players.catalogue import make_player
from selfplay.players.player import Player
from supervised.kernels.learning import for_learning
from supervised.kernels.playing import choose_playing
from supervised.nets.headed import Spec, build
from supervised.trunks import describe_trunk, given_trunk, hand_over
from tengen.config import from_dict
from tengen.device import Compute, cores
from tengen.display import SELFPLAY_WORDS, Display
from tengen.errors import UserError
from tengen.run import Run, Trainer
from tengen.seeding import Seeds


class SelfPlaySession:
    """Built from its settings; the same for a new and a resumed run."""

    frames_per_step = 1
    who = "alphazero"

    def __init__(
        self,
        task: str,
        settings: SelfPlaySettings,
        config: Config,
        compute: Compute | None = None,
        *,
        saved: Spec | None = None,
        runs: Path = Path("runs"),
    ) -> None:
        self.task, self.settings, self.az_config = task, settings, config
        self.seeds = Seeds(settings.seed)
        self.games = games_of(task, settings, config)
        self.game: Game = self.games[0]
        spec = saved or network_spec(self.game, config)
        for make in self._outside(runs).values():  # a player that does not exist is heard of now, not in an hour
            make(1).close()
        given = given_trunk(settings, runs, spec["trunk"]["input_shape"]) if saved is None else None
        if given:
            spec = {"trunk": given.spec["trunk"], "heads": spec["heads"]}
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
            hand_over(given, net, settings.keep_heads)
        net.trunk.requires_grad_(not settings.freeze_trunk)
        for_learning(net, compute)
        self.learner = AlphaZero(config, self.games, net, compute, self.seeds, settings.steps)

    @classmethod
    def of_run(cls, run: Run) -> SelfPlaySession:
        with saved_config(run) as saved:
            task = saved["task"]
            if task not in SELFPLAY_GAMES and not go_board(task):
                raise UserError(f"task '{task}' is not known to this version")
            settings, config = from_dict(SelfPlaySettings, saved["settings"]), from_dict(Config, saved["config"])
            compute, network = from_dict(Compute, saved["compute"]), saved["network"]
        return cls(task, settings, config, compute, saved=network)

    def config(self) -> dict[str, Any]:
        return {
            "kind": "selfplay",
            "task": self.task,
            "agent": self.who,
            "settings": asdict(self.settings),
            "config": asdict(self.az_config),
            "compute": self.compute.to_dict(),
            "network": self.learner.net.spec,
        }

    def attach(self, run: Run, writing: bool = True) -> None:
        """Records and rated networks go into the run's folder."""
        c = self.az_config
        self.learner.folder, self.learner.writing = run.path / "games", writing
        seed = self.seeds.integer("arena")
        self.learner.arena = Arena(
            self.game, self.compute, run.path, c.rate_games, c.rate_simulations, seed, self._outside(run.path.parent)
        )

    def _outside(self, runs: Path) -> dict[str, Callable[[int], Player]]:
        """name -> how to make the player for so many boards."""
        names = [name.strip() for name in self.settings.outside.split(",") if name.strip()]
        simulations, seed = self.az_config.rate_simulations, self.settings.seed
        return {
            name: partial(make_player, name, self.game, simulations=simulations, seed=seed, runs=runs) for name in names
        }

    def remarks(self) -> list[str]:
        spec = self.learner.net.spec["trunk"]
        count = sum(p.numel() for p in self.learner.net.parameters())
        trees = 16 * self.az_config.boards * (self.az_config.simulations + 2) * self.game.num_actions
        answers = 4 * self.az_config.remembered * (self.game.num_actions + 3)
        memory = trees + answers + memory_of_window(self.az_config, self.game.num_actions)
        lines = [
            f"network {spec['kind']} {spec['channels']}x{spec['blocks']}, {count:,} weights; "
            f"computing on {self.compute}",
            f"memory of trees, answers and window at most {memory / 1e6:,.0f} MB",
        ]
        if self.settings.trunk:
            lines.append(describe_trunk(self.settings, self.learner.net))
        return lines

    def trainer(self) -> Trainer:
        return self.learner

    def display(self, name: str) -> Display:
        return Display(name, self.settings.steps, SELFPLAY_WORDS, picture=self._board)

    def _board(self) -> str:
        """The first of the games in progress."""
        return self.game.draw(self.learner.plays[0].states[0])

    def finish(self, run: Run, say: Any) -> dict[str, Any] | None:
        best = self.learner.arena.best if self.learner.arena else None
        if best is None:
            return None
        print(
            f"best network: step {best.step:,}, {best.rating:.0f} [{best.low:.0f}, {best.high:.0f}] Elo above the first"
        )
        return {"kind": "selfplay", "task": self.task, "agent": self.who, **asdict(best)}

    def type_next(self, run: Run) -> list[str]:
        return [f"tengen match {run.path}:200 uct:1000 --board {self.task}", f"tengen plot {run.path}"]

    def close(self) -> None:
        pass


def games_of(task: str, settings: SelfPlaySettings, config: Config) -> list[Game]:
    """The game of `task`, then the smaller boards that are learned beside it."""
    size = go_board(task)
    if size is None:
        if config.sizes:
            raise UserError(f"--sizes are of Go boards; {task} has one size")
        return [make_game(task, threads=cores())]
    sizes = [size]
    for text in config.sizes.split(",") if config.sizes else []:
        if not text.strip().isdigit() or not 2 <= int(text) < size or int(text) in sizes:
            raise UserError(f"--sizes {config.sizes}: smaller boards than {size}, each once, for example 5,7")
        sizes.append(int(text))
    try:
        given = BEST_PLAY.get(size) if settings.komi == "fair" else float(settings.komi)
        if given is not None and not abs(given) <= size * size:
            raise ValueError
    except ValueError:
        raise UserError(f"--komi {settings.komi}: points, at most {size * size}, or fair") from None
    return [
        make_game(f"go{s}", settings.rules, given if s == size else BEST_PLAY.get(s), threads=cores()) for s in sizes
    ]
