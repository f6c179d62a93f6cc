"""PQN's settings. Preset `atari` as in the paper's Atari experiments (Gallici 2024, Table 5)."""

from dataclasses import dataclass
from typing import ClassVar

from tengen.config import Amount, Count, Fraction


@dataclass(frozen=True)
class Config:
    MAIN: ClassVar[tuple[str, ...]] = ("num_envs", "num_steps", "lr", "gamma", "q_lambda", "net")
    RENAMED: ClassVar[dict[str, str]] = {
        "games": "num_envs",
        "rollout": "num_steps",
        "epsilon_share": "exploration_fraction",
        "centre": "subtract_mean",
    }

    num_envs: Count = 128
    """Parallel environments."""
    num_steps: Count = 32
    """Steps of each environment in a rollout, which the network then learns from."""
    epochs: Count = 2
    """Passes over each rollout."""
    minibatch: Count = 128
    """Samples per gradient step."""
    lr: Amount = 2.5e-4
    """RAdam's learning rate at the start."""
    anneal: bool = True
    """Lower the learning rate linearly to zero over the run."""
    gamma: Fraction = 0.99
    """Discount per step."""
    q_lambda: Fraction = 0.65
    """Lambda of the lambda-returns: 0 trusts the Q network, 1 the returns."""
    epsilon_start: Fraction = 1.0
    """Probability of a random action at the start."""
    epsilon_end: Fraction = 0.001
    """Final probability of a random action."""
    exploration_fraction: Fraction = 0.1
    """Fraction of the run over which epsilon falls linearly."""
    max_grad_norm: Amount = 10.0
    """Gradients are scaled down to this norm."""
    clip_reward: bool = True
    """Learn from rewards clipped to [-1, 1]; the score stays raw."""
    point_ends: bool = False
    """A nonzero reward ends the return: right for games like Pong, where each point starts afresh (Karpathy 2016)."""
    norm: bool = True
    """Layer normalisation after each layer, which keeps learning stable without a target network."""
    subtract_mean: bool = False
    """Measure the mean screen before training, and subtract it inside the network."""
    net: str = "nature"
    """Trunk of the network: nature, small or impala for screens, mlp for anything else."""


PRESETS = {
    "atari": Config(),
    "pong": Config(num_envs=32, num_steps=32, minibatch=256, lr=5e-4, point_ends=True, subtract_mean=True, net="small"),
    "classic": Config(
        num_envs=32,
        num_steps=32,
        epochs=4,
        minibatch=256,
        lr=1e-3,
        gamma=0.98,
        q_lambda=0.95,
        epsilon_end=0.1,
        exploration_fraction=0.2,
        clip_reward=False,
        net="mlp",
    ),
}
