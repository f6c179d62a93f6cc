"""Actors play the games an agent learns from: in this process, or in workers elsewhere (agents/workers.py).

A learner asks for rollouts without knowing where they are played:

    rollout, notes = self.actors.play()        T steps in B games with the current weights
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
import torch

from agents.common.parts import rollout_of, travelling
from agents.common.rollout import Rollout
from envs.vector import Journal
from supervised.nets.headed import HeadedNet
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.metrics import Stopwatch
from tengen.plural import counted
from tengen.seeding import Seeds

Say = Callable[[str], None]
Experience = tuple[Rollout, tuple[torch.Tensor, ...]]  # and the agent's notes, [T, B] or [T + 1, B] each
Played = TypeVar("Played", covariant=True)  # what an agent learns from: `Experience`, or replay data


class AnyActors(Protocol[Played]):
    """Plays all games of a learner."""

    watch: Stopwatch

    def play(self, task: Any = None) -> Played:
        """Continue playing with the current weights. The result is valid until the next call."""
        ...

    def metrics(self) -> dict[str, float]:
        """Metrics for a tick: scores of recent games, and the state of workers."""
        ...

    def state(self) -> Tree:
        """The games in progress."""
        ...

    def load(self, tree: Tree) -> None:
        """Continue from a state of these or other actors; games that cannot be restored restart."""
        ...

    def listen(self, say: Say) -> None:
        """Report events through `say`."""
        ...


Actors = AnyActors[Experience]


class Share(NamedTuple):
    """The share of the games that an actor plays."""

    worker: int = 0
    workers: int = 1

    def named(self, name: str) -> str:
        """The name of this share's generator; just `name` if the share is all games."""
        return name if self.workers == 1 else f"{name} of worker {self.worker} of {self.workers}"


class AnyActor(ABC, Generic[Played]):
    """Plays in this process; a subclass defines `play` and the name of its generator."""

    generator_name: str

    def __init__(
        self,
        config: Any,
        env: Journal,
        net: HeadedNet,
        compute: Compute,
        seeds: Seeds,
        share: Share | None = None,
    ) -> None:
        """With a `share`, rollouts are packed for another process (parts.py)."""
        self.config, self.env, self.net, self.compute = config, env, net, compute
        self.seeds, self.share = seeds, share or Share()
        self._travels = share is not None
        self.watch = Stopwatch()
        self.generator = self.new_generator(self.share.named(self.generator_name))
        self.say: Say = lambda text: None
        self._obs: np.ndarray | None = None

    @abstractmethod
    def play(self, task: Any = None) -> Played: ...

    def new_generator(self, name: str) -> Any:
        return self.seeds.torch(name)

    def generator_state(self) -> Any:
        return self.generator.get_state()

    def restore_generator(self, state: Any) -> None:
        self.generator.set_state(state)

    @property
    def obs(self) -> np.ndarray:
        """[B, *obs_shape] the observations to act on next."""
        if self._obs is None:
            self._obs = self.env.reset()
        return self._obs

    @obs.setter
    def obs(self, obs: np.ndarray) -> None:
        self._obs = obs

    def metrics(self) -> dict[str, float]:
        return self.env.metrics()

    def listen(self, say: Say) -> None:
        self.say = say

    def state(self) -> Tree:
        return {"env": self.env.state(), "generator": self.generator_state()}

    def load(self, tree: Tree) -> None:
        states = states_of(tree)
        if len(states) == 1 and states[0] is not None:
            self.restore(states[0])
        else:
            self.say(f"{counted(len(states), 'workers')} played so far: their games in progress restart")
            self.restore(anew(states))
            self.env.scores.load(tree)

    def restore(self, state: Tree) -> None:
        """Continue from the state of one actor with this share of the games."""
        if "anew" in state:
            self.generator = self.new_generator(f"{self.share.named(self.generator_name)} from {state['anew']}")
            self.env.begin_anew(state["anew"])
            self._obs = None
        else:
            self.restore_generator(state["generator"])
            self._obs = self.env.load(state["env"])


class Actor(AnyActor[Experience]):
    """Plays rollouts in this process."""

    _rollout: Rollout | None = None

    def rollout(self, steps: int) -> Rollout:
        """A buffer for `steps` steps of these games, reused by every call."""
        if self._rollout is None:
            self._rollout = travelling(steps, self.env) if self._travels else rollout_of(steps, self.env)
        return self._rollout


def states_of(tree: Tree) -> list[Tree | None]:
    """The actor states in a learner's checkpoint: one, or those of its workers."""
    if "workers" in tree:
        return list(tree["workers"])
    generator = tree.get("generator")
    if generator is None:  # from before actors had their own states
        own = tree["own"]
        generator = own["sampling"] if "sampling" in own else own["exploring"]
    return [{"env": tree["env"], "generator": generator}]


def anew(states: list[Tree | None]) -> Tree:
    """The state of an actor that restarts with seeds that none of the actors with `states` has used."""
    had = [state["anew"] if "anew" in state else state["env"]["segment"] for state in states if state is not None]
    return {"anew": 1 + max(had, default=-1)}
