"""RLlib's IMPALA (Espeholt et al. 2018, arXiv:1802.01561): its settings here."""

from dataclasses import dataclass
from typing import ClassVar

from agents.engines.config import VTrace


@dataclass(frozen=True)
class Config(VTrace):
    ALGORITHM: ClassVar[str] = "impala"


PRESETS = {
    "atari": Config(max_grad_norm=40.0, lr=6e-4),
    "pong": Config(
        num_envs=32,
        num_steps=32,
        batch=1024,
        lr=1e-3,
        max_grad_norm=5.0,
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
        max_grad_norm=10.0,
        gamma=0.98,
        entropy_coef=0.005,
        clip_reward=False,
        net="mlp",
    ),
}
