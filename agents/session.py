"""The parts of an agent's training run: world, network, learner."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from agents.build import ready, shared_equally, world_with
from agents.catalogue import AGENTS, Agent, find_agent
from agents.common.learner import Learner
from agents.curves import expected_curve
from agents.evaluate import card_of
from agents.settings import Settings
from envs.evaluate import ScoreCard
from envs.vector import Journal, VecEnv, random_observations, screen_statistics
from envs.worlds import find_world
from supervised.kernels.learning import fastest
from supervised.nets.catalogue import names, reads, trunk_spec
from supervised.nets.headed import Spec, build, check_fit, sound
from supervised.trunks import describe_trunk, given_trunk, hand_over
from tengen.card import save_card
from tengen.checkpoint import Tree
from tengen.config import from_dict
from tengen.description import Description
from tengen.device import Compute
from tengen.display import Display, Words
from tengen.errors import UserError
from tengen.kinds import Training
from tengen.lookup import find
from tengen.metrics import Tick, Trainer
from tengen.run import Run
from tengen.seeding import Seeds
from tengen.session import Say, Typed

WORDS = Words("steps", "score", "score", ("environment", "acting", "learning"))


class AgentSession:
    """A training run built from its recipe; identical for new and resumed runs."""

    frames_per_step: int

    def __init__(
        self,
        training: Training,
        compute: Compute | None = None,
        *,
        saved: Spec | None = None,
        runs: Path = Path("runs"),
        anew: Mapping[str, Any] | None = None,
    ) -> None:
        """`compute` None, in a new run: measure the fastest compute settings on this machine, and the mean screen.

        `saved`: network of a resumed run; `runs`: folder in which `--trunk` looks for runs; `anew` as in `Run.anew`.
        """
        self.training, self.settings, config = training, training.settings, training.config
        self.world = world = find_world(training.task)
        settings: Settings = training.settings
        self.seeds = Seeds(settings.seed)
        agent = find_agent(training.agent)
        make_learner, heads_of = learner_of(agent)
        if settings.workers and not (agent.elsewhere or agent.own_workers):
            able = ", ".join(name for name, other in AGENTS.items() if other.elsewhere)
            raise UserError(f"{training.agent} plays in one process only; --workers is for {able}")
        if settings.workers:
            shared_equally(config.num_envs, settings.workers)
        env = world_with(world, config.num_envs, settings, settings.threads)
        begins = saved is None or anew is not None
        given = given_trunk(settings, runs, env.obs_shape, anew) if begins else None
        self.began_from = given.origin if given else None
        fresh = network_spec(
            env, config, heads_of, saved["trunk"] if saved else given.net.spec["trunk"] if given else None
        )
        spec = saved or fresh
        check_fit(spec, env.obs_shape, fresh["heads"], world.name)
        self.measured: dict[str, float] = {}
        new = compute is None or anew is not None
        if compute is None:
            seen = random_observations(env, self.seeds.integer("screens"), getattr(config, "minibatch", 256))
            compute, self.measured = fastest(settings, spec, torch.from_numpy(seen))
        self.compute = compute
        compute.start()
        torch.manual_seed(settings.seed)
        net = build(spec, self.seeds.integer("network"))
        if given:
            hand_over(given.net, net, settings.keep_heads)
        elif new and spec["trunk"].get("centre"):
            mean, deviation = screen_statistics(env, self.seeds.integer("screens"))
            net.trunk.scale.calibrate(torch.from_numpy(mean), deviation)  # type: ignore[union-attr,operator]
        net.trunk.requires_grad_(not settings.freeze_trunk)
        self.net = ready(net, compute)
        self.env = Journal(env, self.seeds, settings.reseed_every)
        self.frames_per_step = self.env.frames_per_step
        self._workers, more = None, {}
        if settings.workers and agent.elsewhere:
            self._workers = find(agent.elsewhere)(self.description().to_dict(), settings, self.env, net)
            more = {"actors": self._workers}
        self.learner: Learner = make_learner(config, self.env, net, compute, self.seeds, settings.steps, **more)
        self.learner.assigned(training)

    def description(self) -> Description:
        return Description(
            kind=self.training.kind,
            task=self.training.task,
            agent=self.training.agent,
            settings=asdict(self.settings),
            config=asdict(self.training.config),
            compute=self.compute.to_dict(),
            network=self.net.spec,
        )

    def attach(self, run: Run, report: Say, writing: bool = True) -> None:
        """Give an agent that keeps state in files the run's folder; `writing` False leaves the run unchanged."""
        self.learner.attach(run.path, writing)
        self.learner.listen(report)

    def remarks(self) -> list[str]:
        """Notes for the user before training starts."""
        lines = [f"computing on {self.compute}"]
        if self.settings.trunk:
            lines.append(describe_trunk(self.settings, self.learner.net))
        return lines + self.learner.remarks()

    def trainer(self) -> Trainer:
        return UntilTarget(self.learner, self.settings.target)

    def display(self, name: str) -> Display:
        expected = expected_curve(self.training.task, self.training.agent)
        words = WORDS._replace(stages=("waiting", "copying", "learning")) if self.settings.workers else WORDS
        return Display(name, self.settings.steps, words, expected)

    def measures(self) -> str:
        games = self.settings.final_games
        return f"{games} games, played to their ends" if games > 0 else ""

    def finish(self, run: Run) -> ScoreCard | None:
        """Play whole games with the final network; the card is saved in the run's `eval/`."""
        if self.settings.final_games < 1:
            return None
        net, what = self.learner.net.cpu(), self.training
        games = self.settings.final_games
        card = card_of(net, self.world, what.agent, self.learner.step, str(run.path), games)
        save_card(run.path / "eval" / f"{card.protocol}-{self.learner.step}.json", card)
        return card

    def type_next(self, run: Run) -> list[str]:
        return [f"tengen watch {run.path}", f"tengen eval {run.path} --episodes 100", f"tengen plot {run.path}"]

    def close(self) -> None:
        self.env.close()
        if self._workers is not None:
            self._workers.close()


class UntilTarget:
    """A trainer that also stops when the recent score over at least 20 games reaches `target`."""

    def __init__(self, learner: Learner, target: float) -> None:
        self._learner, self._target = learner, target

    @property
    def step(self) -> int:
        return self._learner.step

    def ticks(self) -> Iterator[Tick]:
        for tick in self._learner.ticks():
            yield tick
            if tick.metrics["episodes"] >= 20 and tick.metrics["score"] >= self._target:
                return

    def state(self) -> Tree:
        return self._learner.state()

    def load(self, tree: Tree) -> None:
        self._learner.load(tree)


def session_of_run(run: Run, typed: Typed) -> AgentSession:
    """The session that `run`'s config.yaml describes, in its initial state; no option has to be typed again."""
    saved = Description.of_run(run)
    settings = from_dict(Settings, saved.settings)
    config = from_dict(find_agent(saved.agent).module.Config, saved.config)
    training = Training(saved.kind, saved.task, saved.agent, settings, config)
    compute, network = from_dict(Compute, saved.compute), sound(saved.network, run.path / "config.yaml")
    return AgentSession(training, compute, saved=network, runs=run.path.parent, anew=run.anew())


def learner_of(agent: Agent) -> tuple[type[Any], Callable[[int, Any], dict[str, int]]]:
    """(the agent's class, the function that returns the heads it needs)."""
    module, _, _ = agent.train.partition(":")
    return find(agent.train), find(f"{module}:network_heads")


def network_spec(env: VecEnv, config: Any, heads_of: Any, given: dict[str, Any] | None = None) -> Spec:
    """The network named by `config` for the observations of `env`, or the `given` trunk with the heads it needs."""
    heads = heads_of(env.num_actions, config)
    if given is not None:
        return {"trunk": given, "heads": heads}
    if reads(config.net) not in ("anything", "screens"):
        fitting = ", ".join(names("anything", "screens"))
        raise UserError(f"--net {config.net} reads {reads(config.net)}; agents use one of {fitting}")
    trunk = trunk_spec(
        config.net,
        env.obs_shape,
        byte_input=env.obs_dtype == np.uint8,
        norm=getattr(config, "norm", False),
        subtract_mean=getattr(config, "subtract_mean", False),
    )
    return {"trunk": trunk, "heads": heads}
