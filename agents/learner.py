"""What every learning agent offers to the loop that drives it (tengen/run.py), and what they share of it.

An agent is a generator of ticks plus its whole state as a tree. Between two ticks nothing is in
flight: `state` there, and `load` into a fresh agent, continue bit for bit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from envs.vector import Journal
from supervised.nets.headed import HeadedNet, load_weights
from tengen.checkpoint import Tree
from tengen.metrics import Tick


class Learner(ABC):
    """The state that all agents have: a network, an optimiser, environments, counters."""

    env: Journal
    net: HeadedNet
    optimiser: torch.optim.Optimizer
    obs: np.ndarray  # [B, *obs_shape] what is to be acted on next
    step: int  # environment steps over all games
    gradient_steps: int

    @abstractmethod
    def ticks(self) -> Iterator[Tick]:
        """Train from the current state to the end."""

    @abstractmethod
    def own_state(self) -> Tree:
        """What only this agent has: generators, target network, replay."""

    @abstractmethod
    def load_own_state(self, tree: Tree) -> None: ...

    def state(self) -> Tree:
        """Everything, as a tree that `tengen.checkpoint` can write."""
        return {
            "network": self.net.spec,
            "weights": dict(self.net.state_dict()),
            "optimiser": optimiser_state(self.optimiser),
            "env": self.env.state(),
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
        self.obs = self.env.load(tree["env"])


def optimiser_state(optimiser: torch.optim.Optimizer) -> Tree:
    """The moments of each parameter and the options of each group, with text for keys."""
    state: dict[str, Any] = optimiser.state_dict()
    groups = [{k: v for k, v in group.items() if k != "params"} for group in state["param_groups"]]
    return {"moments": {str(k): v for k, v in state["state"].items()}, "groups": groups}


def load_optimiser(optimiser: torch.optim.Optimizer, tree: Tree) -> None:
    current = optimiser.state_dict()
    groups = [
        saved | {"params": own["params"]} for saved, own in zip(tree["groups"], current["param_groups"], strict=True)
    ]
    for saved, own in zip(groups, current["param_groups"], strict=True):
        for name, value in own.items():  # tuples came back as lists
            if isinstance(value, tuple):
                saved[name] = tuple(saved[name])
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    moments = {
        int(k): {n: _laid_out_as(parameters[int(k)], m) for n, m in v.items()} for k, v in tree["moments"].items()
    }
    optimiser.load_state_dict({"state": moments, "param_groups": groups})


def _laid_out_as(parameter: torch.Tensor, moment: Any) -> Any:
    """A moment with its parameter's strides: fused kernels walk both as flat memory."""
    if not isinstance(moment, torch.Tensor) or moment.shape != parameter.shape:
        return moment
    return torch.empty_like(parameter, dtype=moment.dtype).copy_(moment)
