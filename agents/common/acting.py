"""The actors that play the games an agent learns from: this process, or workers elsewhere (agents/workers.py).

A learner asks for rollouts without knowing which it has:

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
from tengen.seeding import Seeds

Say = Callable[[str], None]
Experience = tuple[Rollout, tuple[torch.Tensor, ...]]  # and what the agent notes beside it, [T, B] or [T + 1, B] each
Played = TypeVar("Played", covariant=True)  # what an agent learns from: `Experience`, or what its replay keeps


class AnyActors(Protocol[Played]):
    """Actors that play all the games of a learner."""

    watch: Stopwatch

    def play(self, task: Any = None) -> Played:
        """Play on with the present weights. What is returned is good until the next call."""
        ...

    def metrics(self) -> dict[str, float]:
        """For a tick: scores of the recent games, and of workers how they are."""
        ...

    def state(self) -> Tree:
        """The games in progress."""
        ...

    def load(self, tree: Tree) -> None:
        """Go on from a state, this one's or that of other actors; games that cannot be restored begin anew."""
        ...

    def listen(self, say: Say) -> None:
        """`say` gets a line for each event."""
        ...


Actors = AnyActors[Experience]


class Share(NamedTuple):
    """The part of the games that an actor plays."""

    worker: int = 0
    workers: int = 1

    def named(self, name: str) -> str:
        """The name of this part's own generator; of all games the name itself."""
        return name if self.workers == 1 else f"{name} of worker {self.worker} of {self.workers}"


class AnyActor(ABC, Generic[Played]):
    """Plays in this process; an agent defines how (`play`) and names its generator."""

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
        """With a `share` of the games what is played is for somewhere else (parts.py)."""
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
        """[B, *obs_shape] what is to be acted on next."""
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
            self.say(f"{len(states)} workers played so far: their games in progress start again")
            self.restore(anew(states))
            self.env.scores.load(tree)

    def restore(self, state: Tree) -> None:
        """Go on from the state of one actor with this share of the games."""
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
        """One for `steps` steps of these games; the same one every time."""
        if self._rollout is None:
            self._rollout = travelling(steps, self.env) if self._travels else rollout_of(steps, self.env)
        return self._rollout


def states_of(tree: Tree) -> list[Tree | None]:
    """A learner's checkpoint as states of the actors that played: one, or those of its workers."""
    if "workers" in tree:
        return list(tree["workers"])
    generator = tree.get("generator")
    if generator is None:  # from before actors had states of their own
        own = tree["own"]
        generator = own["sampling"] if "sampling" in own else own["exploring"]
    return [{"env": tree["env"], "generator": generator}]


def anew(states: list[Tree | None]) -> Tree:
    """The state of an actor that begins with seeds that none of those with `states` has had."""
    had = [state["anew"] if "anew" in state else state["env"]["segment"] for state in states if state is not None]
    return {"anew": 1 + max(had, default=-1)}
