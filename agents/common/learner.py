"""The interface of every agent to the loop that drives it (tengen/drive.py), and code that agents share.

An agent is a generator of ticks plus its whole state as a tree. Between two ticks nothing is in
flight: `state`, loaded into a fresh agent with `load`, continues bit for bit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from agents.common.acting import AnyActors, Say
from envs.vector import Journal
from supervised.nets.headed import HeadedNet, load_weights
from supervised.optim import load_optimiser, optimiser_state
from tengen.checkpoint import Tree
from tengen.kinds import Training
from tengen.metrics import Tick


class Learner(ABC):
    """The state common to all agents: a network, an optimiser, environments, counters."""

    env: Journal
    net: HeadedNet
    optimiser: torch.optim.Optimizer
    actors: AnyActors[Any] | None = None  # who plays, where that is apart from learning; else the learner plays itself
    obs: np.ndarray  # [B, *obs_shape] what it then acts on next
    step: int  # environment steps over all games
    gradient_steps: int
    inexact: str = ""  # of an agent that cannot continue bit for bit: what it does instead, in a line

    @abstractmethod
    def ticks(self) -> Iterator[Tick]:
        """Train from the current state to the end."""

    @abstractmethod
    def own_state(self) -> Tree:
        """What only this agent has: generators, target network, replay."""

    @abstractmethod
    def load_own_state(self, tree: Tree) -> None: ...

    def attach(self, run_folder: Path, writing: bool) -> None:
        """For agents whose state has files of its own: where the run lies. `writing` False leaves it as it is."""
        del run_folder, writing

    def listen(self, say: Say) -> None:
        """`say` gets a line for each event."""
        if self.actors:
            self.actors.listen(say)

    def assigned(self, training: Training) -> None:
        """For agents that make games of their own elsewhere: what is trained, with all its settings."""
        del training

    def remarks(self) -> list[str]:
        """What the user should know before the training starts, a line each."""
        return []

    def state(self) -> Tree:
        """Everything, as a tree that `tengen.checkpoint` can write."""
        return {
            "network": self.net.spec,
            "weights": dict(self.net.state_dict()),
            "optimiser": optimiser_state(self.optimiser),
            "step": self.step,
            "gradient_steps": self.gradient_steps,
            "own": self.own_state(),
            **(self.actors.state() if self.actors else {"env": self.env.state()}),
        }

    def load(self, tree: Tree) -> None:
        """Continue from `tree`; a network that does not fit is refused."""
        load_weights(self.net, tree["weights"], "the checkpoint")
        load_optimiser(self.optimiser, tree["optimiser"])
        self.step, self.gradient_steps = tree["step"], tree["gradient_steps"]
        self.load_own_state(tree["own"])
        if self.actors:
            self.actors.load(tree)
        else:
            self.obs = self.env.load(tree["env"])
