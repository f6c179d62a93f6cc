"""Learn to predict the next character of a text (Graves 2013; Radford 2018): `tengen train text --net lstm`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import nn

from supervised.data.known import fingerprint, known_set
from supervised.data.text import Corpus, read
from supervised.sequence.text import networks
from supervised.sequence.text.config import Config
from supervised.sequence.text.held_out import losses, nats, nats_a_character
from supervised.sequence.text.networks import Net
from supervised.sequence.text.pictures import draw
from supervised.sequence.text.reading import Reading
from supervised.systems.gradient import GradientStudy, Parts
from supervised.systems.precision import quickest
from supervised.systems.study import Measured, Setup
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.display import Words

TESTED = 1 << 16  # held-out bytes per test during training
MEASURED = 1 << 21  # held-out bytes measured at most


def study(setup: Setup) -> TextStudy:
    """The study run by `tengen train text`."""
    return study_of(read(setup.settings.data, setup.say), setup)


def study_of(text: Corpus, setup: Setup) -> TextStudy:
    """The study that trains on `text`."""
    config: Config = setup.config
    length = min(config.length, text.learned // 2)  # a text may be shorter than config.length
    config = replace(config, length=length)
    network = networks.describe(config, text.alphabet)
    torch.manual_seed(setup.seeds.integer("network"))
    net = networks.build(network, config.dropout, config.impl)
    compute, measured = setup.compute, dict[str, float]()
    if compute is None:
        compute, measured = quickest(setup.settings, partial(_trial, network, config))
    name = f"held-out nats per {text.unit}"
    held_out = text.held_out(MEASURED)
    parts = Parts(
        network=network,
        model=net,
        loss=Reading(text, config, compute),
        test=lambda model: {"nats": _measure(model, text, held_out[:TESTED], compute)[0]},
        measure=lambda model: _measured(model, text, held_out, compute),
        score=lambda found: -found["nats"],
        words=Words("gradient steps", "test/nats", name, ("learning", "testing"), ("loss",)),
        about=[text.about, f"{config.net}, {config.batch} texts of {length} characters a step"],
        test_cost=20 if config.net == "gpt" else 9,
        pictures=lambda model, folder: draw(model, text, compute, folder),
        fingerprint=fingerprint(text.data[text.learned :], str(text.learned).encode()),  # it may be a gigabyte
    )
    return TextStudy(parts, setup, compute, measured)


class TextStudy(GradientStudy):
    """A `GradientStudy` whose state includes the memory of the text read so far."""

    def state(self) -> Tree:
        reading = self.parts.loss
        assert isinstance(reading, Reading)
        return super().state() | {"memory": list(reading.memory)}

    def load(self, tree: Tree) -> None:
        super().load(tree)
        reading = self.parts.loss
        assert isinstance(reading, Reading)
        reading.memory = tuple(part.to(self.compute.device) for part in tree["memory"])


def _measure(
    model: nn.Module, text: Corpus, held_out: np.ndarray, compute: Compute
) -> tuple[float, tuple[float, float] | None]:
    assert isinstance(model, Net)
    return nats_a_character(losses(model, held_out, compute), text.begins(held_out[1:]))


def _measured(model: nn.Module, text: Corpus, held_out: np.ndarray, compute: Compute) -> Measured:
    value, interval = _measure(model, text, held_out, compute)
    how = "windows of its context that overlap by half" if getattr(model, "context", 0) else "pieces read in order"
    rest = "" if len(held_out) == len(text.data) - text.learned else f", its first {MEASURED:,} bytes"
    count = int(text.begins(held_out[1:]).sum())
    return Measured(
        metric=f"nats per {text.unit}",
        value=value,
        ci95=interval,
        measured_on=f"{count:,} {text.unit}s",
        better="lower",
        protocol=f"{text.name}: the last tenth of the text{rest}, in {how}; interval of stretches of 1,000 characters",
        also={"bits": value / np.log(2)},
        data_set=known_set(text.data[text.learned :]),
    )


def _trial(network: dict[str, object], config: Config, compute: Compute) -> Callable[[], object]:
    """A training step of a separate network, for timing."""
    net = compute.place(networks.build(network, config.dropout, config.impl))
    assert isinstance(net, Net)
    optimiser = torch.optim.AdamW(net.parameters(), fused=True)
    tokens = torch.zeros(config.batch, config.length + 1, dtype=torch.int64, device=compute.device)

    def step() -> None:
        with compute.autocast():
            logits, _ = net(tokens[:, :-1], net.start(config.batch))
        optimiser.zero_grad()
        nats(logits, tokens[:, 1:]).mean().backward()
        optimiser.step()

    return step
