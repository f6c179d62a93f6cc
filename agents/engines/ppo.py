"""RLlib's PPO (Schulman et al. 2017, arXiv:1707.06347): its settings here, near those of Tengen's own."""

from dataclasses import dataclass
from typing import ClassVar

from agents.engines.config import ActorCritic
from tengen.config import Amount, Count, Fraction


@dataclass(frozen=True)
class Config(ActorCritic):
    ALGORITHM: ClassVar[str] = "ppo"

    epochs: Count = 3
    """Passes over each rollout."""
    minibatch: Count = 256
    """Samples per gradient step."""
    gae_lambda: Fraction = 0.95
    """Lambda of generalised advantage estimation: 0 trusts the value network, 1 the returns."""
    clip: Amount = 0.1
    """Epsilon of the clipped surrogate objective."""


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
