"""The base class of learning agents: their interface to the training loop (tengen/drive.py), and shared code.

An agent is a generator of ticks plus its whole state as a tree. Nothing is in flight between two
ticks: saving `state` there and loading it into a new agent continues bit for bit.
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
    """The state common to all agents: network, optimiser, environments, counters."""

    env: Journal
    net: HeadedNet
    optimiser: torch.optim.Optimizer
    actors: AnyActors[Any] | None = None  # play for the learner; None: the learner plays itself
    obs: np.ndarray  # [B, *obs_shape] the observations it then acts on next
    step: int  # environment steps over all games
    gradient_steps: int
    inexact: str = ""  # for agents that cannot continue bit for bit: what they do instead, in one line

    @abstractmethod
    def ticks(self) -> Iterator[Tick]:
        """Train from the current state to the end, yielding ticks."""

    @abstractmethod
    def own_state(self) -> Tree:
        """State specific to this agent: generators, target network, replay."""

    @abstractmethod
    def load_own_state(self, tree: Tree) -> None: ...

    def attach(self, run_folder: Path, writing: bool) -> None:
        """For agents that keep part of their state in files: the run's folder. `writing` False: read-only."""
        del run_folder, writing

    def listen(self, say: Say) -> None:
        """Report events through `say`."""
        if self.actors:
            self.actors.listen(say)

    def assigned(self, training: Training) -> None:
        """For agents that create games elsewhere: the training with all its settings."""
        del training

    def remarks(self) -> list[str]:
        """Notes for the user before training starts, one per line."""
        return []

    def state(self) -> Tree:
        """The whole state, as a tree that `tengen.checkpoint` can write."""
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
        """Continue from `tree`; UserError if the network does not fit."""
        load_weights(self.net, tree["weights"], "the checkpoint")
        load_optimiser(self.optimiser, tree["optimiser"])
        self.step, self.gradient_steps = tree["step"], tree["gradient_steps"]
        self.load_own_state(tree["own"])
        if self.actors:
            self.actors.load(tree)
        else:
            self.obs = self.env.load(tree["env"])
