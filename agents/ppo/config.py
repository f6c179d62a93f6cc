"""PPO's settings. Preset `atari` as in the paper's Atari experiments (Schulman 2017, Table 5)."""

from dataclasses import dataclass
from typing import ClassVar

from tengen.config import Amount, Count, Finite, Fraction


@dataclass(frozen=True)
class Config:
    MAIN: ClassVar[tuple[str, ...]] = ("num_envs", "num_steps", "lr", "gamma", "entropy_coef", "net")
    RENAMED: ClassVar[dict[str, str]] = {"games": "num_envs", "rollout": "num_steps", "centre": "subtract_mean"}

    num_envs: Count = 8
    """Parallel environments."""
    num_steps: Count = 128
    """Steps of each environment in a rollout, which the network then learns from."""
    epochs: Count = 3
    """Passes over each rollout."""
    minibatch: Count = 256
    """Samples per gradient step."""
    lr: Amount = 2.5e-4
    """Adam's learning rate at the start."""
    anneal: bool = True
    """Lower the learning rate linearly to zero."""
    anneal_from: Fraction = 0.0
    """Fraction of the training after which the learning rate starts to fall; 1 keeps it constant."""
    gamma: Fraction = 0.99
    """Discount per step."""
    gae_lambda: Fraction = 0.95
    """Lambda of generalised advantage estimation: 0 trusts the value network, 1 the returns."""
    clip: Amount = 0.1
    """Epsilon of the clipped surrogate objective."""
    value_coef: Amount = 0.5
    """Weight of the value loss."""
    entropy_coef: Finite = 0.01
    """Weight of the entropy bonus; a negative weight penalises entropy."""
    entropy_fall: Fraction = 0.0
    """Fraction of the entropy weight removed, linearly, during the middle third of the training."""
    max_grad_norm: Amount = 0.5
    """Gradients are scaled down to this norm."""
    normalise_advantage: bool = True
    """Standardise the advantages of each minibatch to zero mean and unit variance."""
    clip_reward: bool = True
    """Learn from rewards clipped to [-1, 1]; the score stays raw."""
    point_ends: bool = False
    """A nonzero reward ends the return: right for games like Pong, where each point starts afresh (Karpathy 2016)."""
    subtract_mean: bool = False
    """Measure the mean screen before training, and subtract it inside the network."""
    net: str = "nature"
    """Trunk of the network: nature, small or impala for screens, mlp for anything else."""


PRESETS = {
    "atari": Config(),
    "pong": Config(
        num_envs=32,
        num_steps=64,
        epochs=2,
        minibatch=256,
        lr=1e-3,
        value_coef=4.0,
        entropy_fall=0.8,
        point_ends=True,
        subtract_mean=True,
        net="small",
    ),
    "classic": Config(
        num_envs=8,
        num_steps=32,
        epochs=20,
        minibatch=256,
        lr=1e-3,
        gamma=0.98,
        gae_lambda=0.8,
        clip=0.2,
        entropy_coef=0.0,
        clip_reward=False,
        net="mlp",
    ),
}
