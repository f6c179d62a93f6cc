"""`tengen train binary-mnist --model autoencoder|vae|made|rbm`: one training loop, four models of bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from supervised.data.known import fingerprint
from supervised.data.pictures import binary_pictures
from supervised.data.source import Order
from supervised.generative.binary_card import chosen, measured_on, measures
from supervised.generative.binary_pictures import draw
from supervised.generative.densities import KINDS
from supervised.systems.gradient import GradientStudy, Metrics, Parts
from supervised.systems.precision import in_float32, quickest
from supervised.systems.study import Measured, Sample, SampleOptions, Setup
from tengen.bounds import bounded
from tengen.device import Compute
from tengen.display import Words
from tengen.errors import UserError
from tengen.figures import grid
from tengen.plural import counted

_TESTED = 2000  # held-out pictures per test during training
_PART = 500
_SETTLING = 10_000  # training pictures passed to `Kind.prepare` and `Kind.settle`


def study(setup: Setup) -> GradientStudy:
    """The training described by `setup`."""
    kind, config = KINDS[setup.config.model], setup.config
    data = binary_pictures(setup.settings.data, setup.say)
    network = kind.network(config, data.train.shape[1:])
    order = Order(len(data.train), setup.seeds.integer("order"))
    tested = chosen(data.valid, _TESTED)
    seen = torch.from_numpy(chosen(data.train, _SETTLING))

    def make() -> nn.Module:
        torch.manual_seed(setup.seeds.integer("network"))
        model: nn.Module = bounded(lambda: kind.build(network))
        kind.prepare(model, seen)
        return model

    def loss_with(compute: Compute) -> Any:
        def loss(model: nn.Module, rng: np.random.Generator, step: int) -> tuple[torch.Tensor, Metrics]:
            rows = order(step * config.batch, (step + 1) * config.batch)
            x = torch.from_numpy(data.train[rows]).to(compute.device)
            with compute.autocast():
                return kind.loss(model, x, rng, config, step / max(1, setup.settings.steps))

        return loss

    compute, measured = _compute(setup, make, loss_with)

    def nats(model: nn.Module, pictures: np.ndarray) -> np.ndarray:
        """Nats [N] of held-out pictures."""
        rng = np.random.default_rng(setup.seeds.integer("testing"))
        x = torch.from_numpy(pictures).to(compute.device)
        if config.model == "rbm":  # all pictures at once, so log Z is estimated once
            return kind.nats(model, x, rng).cpu().numpy()
        return torch.cat([kind.nats(model, part, rng) for part in x.split(_PART)]).cpu().numpy()

    def test(model: nn.Module) -> Metrics:
        kind.settle(model, seen.to(compute.device))
        return {"nats": float(nats(model, tested).mean())}

    def measure(model: nn.Module) -> Measured:
        kind.settle(model, seen.to(compute.device))
        return measured_on(data, nats(model, data.test), model, config.model)

    def pictures(model: nn.Module, folder: Path) -> list[Path]:
        kind.settle(model, seen.to(compute.device))
        return draw(model, config.model, data.test, folder, compute)

    parts = Parts(
        network,
        make(),
        loss_with(compute),
        test,
        measure,
        lambda found: -found["nats"],
        Words("gradient steps", "test/nats", f"held-out {kind.metric}", ("learning", "testing"), ("loss",)),
        [f"{data.about}: {len(data.train):,} pictures to learn from, {len(data.test):,} to test"],
        pictures,
        trunk_of if config.model in ("autoencoder", "vae") else None,
        100 if config.model == "rbm" else 5,  # each test re-estimates log Z
        measures(config.model, len(data.test)),
        fingerprint(*data[:3]),
    )
    return GradientStudy(parts, setup, compute, measured)


def _compute(setup: Setup, make: Any, loss_with: Any) -> tuple[Compute, dict[str, float]]:
    """How to compute. A Boltzmann machine uses float32, because rounding errors affect its chains."""
    if setup.compute:
        return setup.compute, {}
    if setup.config.model == "rbm":
        return in_float32(setup.settings), {}

    def training_step(compute: Compute) -> Any:
        model, loss = compute.place(make()), loss_with(compute)
        return lambda: loss(model, np.random.default_rng(0), 0)[0].backward()

    return quickest(setup.settings, training_step)


def trunk_of(model: Any) -> dict[str, Any]:
    """The encoder, for --trunk."""
    return {"network": model.encoder.spec, "weights": dict(model.encoder.state_dict())}


def model(network: dict[str, Any], weights: dict[str, torch.Tensor]) -> nn.Module:
    made: nn.Module = bounded(lambda: KINDS[network["model"]].build(network))
    made.load_state_dict(weights)
    made.model = network["model"]  # type: ignore[assignment]
    return made.eval()


def sample(made: Any, options: SampleOptions, say: Any) -> Sample:
    """A grid of pictures from a trained model."""
    if options.of_class or options.prompt:
        raise UserError("this model has no classes and takes no text; leave out --class and --prompt")
    if made.model == "rbm" and options.temperature != 1:
        raise UserError("a Boltzmann machine is sampled at temperature 1, as it was trained; leave out --temperature")
    count = options.count or 64
    if made.model == "made":
        say(f"drawing {counted(count, 'pictures')}, pixel by pixel")
    rng = np.random.default_rng(options.seed)
    p = KINDS[made.model].sample(made, count, rng, options.temperature)
    side = round(p.shape[1] ** 0.5)
    pictures = (255 * p).round().byte().view(count, side, side).cpu().numpy()
    return Sample(picture=grid(pictures, columns=max(1, round(count**0.5)), scale=2))
