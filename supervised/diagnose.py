"""What `tengen doctor` says about learning from labels."""

from __future__ import annotations

from collections.abc import Callable

import torch

from supervised.catalogue import recipe
from supervised.kernels.learning import fastest, for_learning
from supervised.kernels.measure import training_rates
from supervised.nets.catalogue import trunk_spec
from supervised.nets.headed import build


def diagnose(say: Callable[[str], None]) -> None:
    """The training speed of the preset for CIFAR-10, and how long it takes."""
    preset = recipe("cifar10")
    settings, config = preset.settings, preset.config
    spec = {"trunk": trunk_spec(config.net, (3, 32, 32)), "heads": {"classes": 10}}
    batch = torch.zeros((config.batch, 3, 32, 32), dtype=torch.uint8)
    backend, _ = fastest(settings, spec, batch)
    rate = training_rates([backend], lambda: build(spec, 0), batch, ready=for_learning)[backend]
    minutes = config.epochs * 50_000 / rate / 60
    say(f"labels     {config.net} trains on {rate:,.0f} pictures of CIFAR-10/s on {backend}")
    say(f"           `tengen train cifar10` takes {config.epochs:g} epochs, here about {minutes:.0f} minutes")
