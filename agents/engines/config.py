"""Settings that RLlib's algorithms have in common, under the names that Tengen's own agents use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tengen.config import Amount, Count, Finite, Fraction


@dataclass(frozen=True)
class Common:
    """Settings of every algorithm."""

    MAIN: ClassVar[tuple[str, ...]] = ("num_envs", "lr", "gamma", "net")
    ALGORITHM: ClassVar[str]  # RLlib's name of it, in small letters

    num_envs: Count = 8
    """Parallel environments, divided evenly among the workers."""
    lr: Amount = 2.5e-4
    """Adam's learning rate at the start."""
    anneal: bool = True
    """Lower the learning rate linearly to zero."""
    gamma: Fraction = 0.99
    """Discount per step."""
    max_grad_norm: Amount = 0.5
    """Gradients are scaled down to this norm."""
    clip_reward: bool = True
    """Learn from rewards clipped to [-1, 1]; the score stays raw."""
    point_ends: bool = False
    """A nonzero reward ends the return: right for games like Pong, where each point starts afresh (Karpathy 2016)."""
    subtract_mean: bool = False
    """Measure the mean screen before training, and subtract it inside the network."""
    net: str = "nature"
    """Trunk of the network: nature, small or impala for screens, mlp for anything else."""

    def heads(self, num_actions: int) -> dict[str, int]:
        """The heads that the algorithm needs on top of a trunk."""
        return {"policy": num_actions, "value": 1}


@dataclass(frozen=True)
class ActorCritic(Common):
    """Settings of the algorithms that learn a policy and a value."""

    MAIN: ClassVar[tuple[str, ...]] = ("num_steps", "entropy_coef")

    num_steps: Count = 128
    """Steps of each environment played in a row with the same weights."""
    value_coef: Amount = 0.5
    """Weight of the value loss, which is half the squared error."""
    entropy_coef: Finite = 0.01
    """Weight of the entropy bonus."""
    entropy_fall: Fraction = 0.0
    """Fraction of the entropy weight removed, linearly, during the middle third of the training."""


@dataclass(frozen=True)
class VTrace(ActorCritic):
    """Settings of the asynchronous algorithms, which correct their returns by V-trace."""

    num_steps: Count = 50
    """Steps of each environment in a trajectory, over which V-trace runs."""
    batch: Count = 500
    """Steps per gradient step."""
    rho_clip: Amount = 1.0
    """Largest importance weight of V-trace (rho-bar), for values and for the policy gradient."""
