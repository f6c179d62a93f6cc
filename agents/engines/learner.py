"""A training by RLlib, as Tengen's loop sees it: ticks, state, network.

    for tick in RLlib(...).ticks():      one iteration of RLlib's algorithm
        row, display, checkpoint         tengen/drive.py, as for every agent

Ray is started or joined at the first tick, and left after the last.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import torch

from agents.common.learner import Learner
from agents.engines.config import Common
from envs.vector import Journal
from supervised.nets.headed import HeadedNet, load_weights
from supervised.optim import load_optimiser, optimiser_state
from tengen.checkpoint import Tree
from tengen.cluster import Cluster
from tengen.device import Compute
from tengen.errors import UserError
from tengen.kinds import Training
from tengen.metrics import Tick
from tengen.seeding import Seeds


def network_heads(num_actions: int, config: Common) -> dict[str, int]:
    """The heads that the algorithm needs on top of a trunk."""
    return config.heads(num_actions)


class RLlib(Learner):
    """`for tick in RLlib(...).ticks(): ...` trains; `state` and `load` hold weights, moments and counters."""

    inexact = "RLlib continues from the weights and Adam's moments, with new games, so it is not bit-exact"

    def __init__(
        self, config: Common, env: Journal, net: HeadedNet, compute: Compute, seeds: Seeds, total_steps: int
    ) -> None:
        """`total_steps` are environment steps over all games; `env` keeps the scores, RLlib makes its own games."""
        self.config, self.env, self.net, self.compute = config, env, net, compute
        self.total_steps, self.seeds = total_steps, seeds
        trained = [p for p in net.parameters() if p.requires_grad]
        self.optimiser = torch.optim.Adam(trained, lr=config.lr, eps=1e-5, fused=True)  # until RLlib's takes over
        self.target: Tree = {}
        self.training: Training | None = None
        self.step = 0
        self.gradient_steps = 0
        self._engine: Any = None

    def assigned(self, training: Training) -> None:
        if not all(importlib.util.find_spec(name) for name in ("ray", "tree")):
            raise UserError("RLlib is not installed: pip install 'tengen[ray]'")
        self.training = training

    def remarks(self) -> list[str]:
        assert self.training is not None
        workers = self.training.settings.workers
        return [
            f"RLlib's {self.config.ALGORITHM.upper()}, games played {f'by {workers} workers' if workers else 'here'}"
        ]

    def ticks(self) -> Iterator[Tick]:
        assert self.training is not None
        settings = self.training.settings
        from tengen.connection import connect

        need = 1 + settings.workers * settings.worker_cpus
        connection = connect(Cluster(settings.ray, settings.ray_no_token), need)
        try:
            engine = self._start()
            try:
                yield from self._iterate(engine)
            finally:
                engine.close()
        finally:
            connection.close()

    def _iterate(self, engine: Any) -> Iterator[Tick]:
        assert self.training is not None
        before, workers = self.gradient_steps, max(1, self.training.settings.workers)
        while self.step < self.total_steps:
            begun = time.perf_counter()
            done = engine.iterate()
            for played in done.played:
                self.step += played.steps
                for episode in played.finished:
                    self.env.scores.add(episode)
            self.gradient_steps = before + int(done.metrics["gradient_steps"])
            metrics = self.env.metrics() | done.metrics | {"gradient_steps": self.gradient_steps}
            environment = sum(played.seconds for played in done.played) / workers
            rest = max(0.0, time.perf_counter() - begun - environment - done.learning)
            yield Tick(self.step, metrics, {"environment": environment, "acting": rest, "learning": done.learning})

    def _start(self) -> Any:
        """RLlib's algorithm with our weights and moments; from now on its network and optimiser are the learner's."""
        from agents.engines.algorithms.rllib import Job
        from agents.engines.rllib import Engine

        assert self.training is not None
        task, settings = self.training.task, self.training.settings
        seed = self.seeds.integer("rllib", self.step)
        engine = Engine(Job(task, self.config, settings, self.compute, self.net.spec, self.step, seed))
        load_weights(engine.net, dict(self.net.state_dict()), "the training")
        load_optimiser(engine.optimiser, optimiser_state(self.optimiser))
        if engine.target is not None:
            load_weights(engine.target, self.target or dict(self.net.state_dict()), "the training")
        engine.publish()
        self.net, self.optimiser, self._engine = engine.net, engine.optimiser, engine
        return engine

    def state(self) -> Tree:
        """Weights, moments, target network, counters and recent scores; not the games, nor DQN's replay."""
        with self._engine.learner.lock if self._engine else nullcontext():
            return {
                "network": self.net.spec,
                "weights": {name: tensor.clone() for name, tensor in self.net.state_dict().items()},
                "optimiser": optimiser_state(self.optimiser),
                "step": self.step,
                "gradient_steps": self.gradient_steps,
                "own": self.own_state(),
            }

    def load(self, tree: Tree) -> None:
        """Continue from `tree`; a network that does not fit is refused."""
        load_weights(self.net, tree["weights"], "the checkpoint")
        load_optimiser(self.optimiser, tree["optimiser"])
        self.step, self.gradient_steps = tree["step"], tree["gradient_steps"]
        self.load_own_state(tree["own"])

    def own_state(self) -> Tree:
        target = self._engine.target if self._engine else None
        return {
            "target": self.target if target is None else {k: v.clone() for k, v in target.state_dict().items()},
            **self.env.scores.state(),
        }

    def load_own_state(self, tree: Tree) -> None:
        self.target = tree["target"]
        self.env.scores.load(tree)
