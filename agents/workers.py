"""Workers on Ray that play an agent's games, and the actors through which the learner uses them.

    learner                                        worker w of N, on Ray
    Elsewhere.play  ─ weights, once per version ─▶  RolloutWorker.use
                    ◀── Part: T steps of B/N games ──  RolloutWorker.work

`Elsewhere` assembles the parts into the rollout that playing in the learner's process would have given.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import torch

from agents.build import ready, world_with
from agents.catalogue import find_agent
from agents.common.acting import AnyActor, Experience, Say, Share, anew, states_of
from agents.common.parts import Part, pack, put, rollout_of
from agents.common.rollout import Rollout
from agents.settings import Settings
from envs.vector import Journal, Scores
from envs.worlds import find_world
from supervised.nets.headed import HeadedNet, build, load_weights
from tengen.checkpoint import Tree
from tengen.config import from_dict
from tengen.description import Description
from tengen.device import Compute, compute_of_worker
from tengen.lookup import find
from tengen.metrics import Stopwatch
from tengen.plural import counted
from tengen.seeding import Seeds
from tengen.work import Arrays
from tengen.workers import Pool


class ActingWorker(ABC):
    """Plays its share of the games; a `Worker` as tengen/work.py describes it."""

    def __init__(self, description: dict[str, Any], worker: int, workers: int) -> None:
        """`description` of the run, as in config.yaml."""
        what = Description.from_dict(description, "the description of the run")
        agent = find_agent(what.agent)
        self.settings = settings = from_dict(Settings, what.settings)
        config = from_dict(agent.module.Config, what.config)
        compute = compute_of_worker(from_dict(Compute, what.compute), settings)
        assert what.network is not None
        compute.start()
        torch.manual_seed(settings.seed)
        seeds = Seeds(settings.seed)
        games = config.num_envs // workers
        env = world_with(find_world(what.task), games, settings, compute.threads)
        journal = Journal(env, seeds, settings.reseed_every, first=worker * games, of=config.num_envs)
        self.net = ready(build(what.network), compute)
        self.actor: AnyActor[Any] = find(agent.actor)(config, journal, self.net, compute, seeds, Share(worker, workers))

    def use(self, version: int, weights: Arrays) -> None:
        load_weights(self.net, {name: torch.tensor(value) for name, value in weights.items()}, f"version {version}")

    @abstractmethod
    def work(self, task: Any) -> tuple[Any, float]: ...

    def state(self) -> Tree:
        return self.actor.state()

    def load(self, state: Tree) -> None:
        self.actor.restore(state)


class RolloutWorker(ActingWorker):
    def work(self, task: Any) -> tuple[Part, float]:
        rollout, notes = self.actor.play(task)
        return pack(rollout, notes, self.actor.env.take_finished()), rollout.played


class Workers:
    """`AnyActors` made of workers on Ray; subclasses define what they play."""

    worker: str  # module:class

    def __init__(self, description: dict[str, Any], settings: Settings, env: Journal, net: HeadedNet) -> None:
        """`env` only describes the games; it is not played."""
        self.workers, self.threads, self.env, self.net = settings.workers, description["compute"]["threads"], env, net
        self.watch = Stopwatch()
        self.scores = Scores()
        share = [{"description": description, "worker": w, "workers": self.workers} for w in range(self.workers)]
        self.pool = Pool(self.worker, share, settings)
        self._say: Say = lambda text: None

    def metrics(self) -> dict[str, float]:
        return self.scores.metrics() | self.pool.metrics()

    def listen(self, say: Say) -> None:
        self._say = self.pool.say = say

    def state(self) -> Tree:
        return {"workers": self.pool.states(), **self.scores.state()}

    def load(self, tree: Tree) -> None:
        states = states_of(tree)
        self.scores.load(tree if "workers" in tree else tree["env"])
        if len(states) != self.workers:
            who = counted(len(states), "workers") if "workers" in tree else "one process"
            self._say(f"{who} played so far, now {self.workers}: games in progress restart")
            states = [anew(states)] * self.workers
        self.pool.load(states)

    def close(self) -> None:
        self.pool.close()


class Elsewhere(Workers):
    """Workers that play rollouts."""

    worker = "agents.workers:RolloutWorker"

    def __init__(self, description: dict[str, Any], settings: Settings, env: Journal, net: HeadedNet) -> None:
        super().__init__(description, settings, env, net)
        self._rollouts: dict[tuple[int, int], Rollout] = {}
        self._version = 0

    def play(self, task: Any = None) -> Experience:
        """Collect at least one rollout per worker, more if a rollout would otherwise become too stale."""
        with self.watch("copying"):
            self.pool.publish(self._version, weights_of(self.net), task)
            self._version += 1
        with self.watch("waiting"):
            parts: list[Part] = [result.value for result in self.pool.collect(self.workers)]
        with self.watch("copying"):
            for part in parts:
                for episode in part.episodes:
                    self.scores.add(episode)
            rollout = self._rollout(max(part.steps for part in parts), sum(part.games for part in parts))
            return rollout, put(rollout, parts, self.threads)

    def _rollout(self, steps: int, games: int) -> Rollout:
        if (steps, games) not in self._rollouts:
            self._rollouts[steps, games] = rollout_of(steps, self.env, games)
        return self._rollouts[steps, games]


def weights_of(net: HeadedNet) -> dict[str, np.ndarray]:
    return {name: value.detach().cpu().numpy() for name, value in net.state_dict().items()}
