"""The smallest system, a line through points, for tests of features common to all systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from supervised.systems.gradient import GradientStudy, Parts
from supervised.systems.precision import in_float32
from supervised.systems.settings import Descent
from supervised.systems.study import Measured, Sample, SampleOptions, Setup
from supervised.systems.system import System
from tengen.display import Words


@dataclass(frozen=True)
class Config(Descent):
    net: str = "line"
    """What is fitted."""
    lr: float = 0.1
    """Learning rate."""
    ema: float = 0.5
    """Decay of the average."""


LINE = Config()
SYSTEM = System(
    "line",
    "--net",
    "line",
    "a line through points",
    "tests.supervised.systems.line:LINE",
    "tests.supervised.systems.line:study",
    model="tests.supervised.systems.line:model",
    sample="tests.supervised.systems.line:sample",
    settings={"steps": 60},
    default=True,
    reads=(),
    steers=("prompt",),
)


def points(rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.from_numpy(rng.normal(size=(16, 1)).astype(np.float32))
    return x, 2 * x + 1


def study(setup: Setup) -> GradientStudy:
    held_out = points(setup.seeds.numpy("held out"))

    def loss(net: nn.Module, rng: np.random.Generator, step: int) -> tuple[torch.Tensor, dict[str, float]]:
        x, y = points(rng)
        return (net(x) + 0.01 * torch.randn(16, 1) - y).square().mean(), {}

    def test(net: nn.Module) -> dict[str, float]:
        return {"error": (net(held_out[0]) - held_out[1]).square().mean().item()}

    def measure(net: nn.Module) -> Measured:
        return Measured("squared error", test(net)["error"], None, "16 points", "lower", "points of the line")

    torch.manual_seed(setup.seeds.integer("network"))
    parts = Parts(
        {"inputs": 1},
        nn.Linear(1, 1),
        loss,
        test,
        measure,
        lambda found: -found["error"],
        Words("gradient steps", "test/error", "held-out error", ("learning", "testing"), ("loss",)),
        ["points of a line"],
    )
    return GradientStudy(parts, setup, setup.compute or in_float32(setup.settings), tick_every=5)


def model(network: dict[str, Any], weights: dict[str, torch.Tensor]) -> nn.Module:
    net = nn.Linear(network["inputs"], 1)
    net.load_state_dict(weights)
    return net


def sample(net: nn.Module, options: SampleOptions, say: object) -> Sample:
    y = net(torch.tensor([[float(options.prompt or 0)]])).item()
    return Sample(f"{y:.1f}", np.zeros((4, 4, 3), np.uint8))
