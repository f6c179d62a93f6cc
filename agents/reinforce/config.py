"""REINFORCE's settings. Presets `atari` and `pong` follow Karpathy's "Pong from Pixels" (2016)."""

from dataclasses import dataclass
from typing import ClassVar

from tengen.config import Amount, Count, Fraction


@dataclass(frozen=True)
class Config:
    MAIN: ClassVar[tuple[str, ...]] = ("num_envs", "lr", "gamma", "baseline", "net")
    RENAMED: ClassVar[dict[str, str]] = {"games": "num_envs", "centre": "subtract_mean"}

    num_envs: Count = 10
    """Parallel environments; each plays one game to its end between two updates."""
    lr: Amount = 1e-3
    """RMSProp's learning rate."""
    decay: Fraction = 0.99
    """RMSProp's decay of the mean squared gradient."""
    gamma: Fraction = 0.99
    """Discount per step."""
    longest: Count = 4000
    """Maximum number of steps used from a game; bounds the memory of an update."""
    chunk: Count = 512
    """Samples per backward pass; the gradients of an update are summed, so this only bounds memory."""
    standardise: bool = True
    """Standardise the returns of each update to zero mean and unit variance."""
    baseline: bool = False
    """Subtract a learned state value from the return (Williams 1992)."""
    max_grad_norm: Amount = 0.0
    """Gradients are scaled down to this norm; 0 disables clipping."""
    clip_reward: bool = True
    """Learn from rewards clipped to [-1, 1]; the score stays raw."""
    point_ends: bool = False
    """A nonzero reward ends the return: right for games like Pong, where each point starts afresh."""
    subtract_mean: bool = False
    """Measure the mean screen before training, and subtract it inside the network."""
    net: str = "small"
    """Trunk of the network: nature, small or impala for screens, mlp for anything else."""


PRESETS = {
    "atari": Config(),
    "pong": Config(point_ends=True, subtract_mean=True),
    "classic": Config(num_envs=8, lr=3e-3, clip_reward=False, net="mlp"),
}
