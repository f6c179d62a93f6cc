"""RLlib's APPO, asynchronous PPO with a target network (Luo et al. 2020, arXiv:1912.00167): its settings here."""

from dataclasses import dataclass
from typing import ClassVar

from agents.engines.config import VTrace
from tengen.config import Amount, Count


@dataclass(frozen=True)
class Config(VTrace):
    ALGORITHM: ClassVar[str] = "appo"

    reuse: Count = 2
    """Gradient steps per batch."""
    kept: Count = 4
    """Batches kept for reuse."""
    target_every: Count = 2
    """Interval of target-network updates, in multiples of `kept` * `reuse` batches."""
    clip: Amount = 0.2
    """Epsilon of the clipped surrogate objective."""


PRESETS = {
    "atari": Config(max_grad_norm=40.0),
    "pong": Config(
        num_envs=32,
        num_steps=32,
        batch=1024,
        lr=1e-3,
        entropy_fall=0.8,
        point_ends=True,
        subtract_mean=True,
        net="small",
    ),
    "classic": Config(
        num_envs=8,
        num_steps=32,
        batch=256,
        lr=1e-3,
        gamma=0.98,
        entropy_coef=0.005,
        clip_reward=False,
        net="mlp",
    ),
}
