"""`tengen train mnist --model diffusion|latent-diffusion`: training the denoiser, on pixels or on codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from supervised.generative import diffusion as ddpm
from supervised.generative.denoised import draw, make_pictures
from supervised.generative.diffusion_network import build, multiplications, schedule
from supervised.generative.judged import Judged, as_bytes
from supervised.generative.latent import first_stage_loss
from supervised.systems.gradient import GradientStudy, Metrics, Parts
from supervised.systems.precision import quickest
from supervised.systems.study import Measured, Setup
from tengen.device import Compute
from tengen.display import Counter, Words
from tengen.statistics import wilson

_TESTED, _CODES = 100, 2000


def study(setup: Setup) -> GradientStudy:
    config, data = setup.config, Judged(setup)
    latent = config.model == "latent-diffusion"
    planes, height, width = data.shape
    network: dict[str, Any] = {
        "model": config.model,
        "planes": planes,
        "side": [height, width],
        "classes": data.classes,
        "channels": [config.width, 2 * config.width] + ([] if latent else [2 * config.width]),
        "depth": config.depth,
        "latent": config.latent,
        "first_width": config.first_width,
        "times": config.times,
        "noise": config.schedule_of_noise,
        "guidance": config.guidance,
        "steps": config.sampling_steps,
        "eta": config.eta,
    }
    first_steps = round(config.first_stage * setup.settings.steps) if latent else 0
    alpha_bar = schedule(network)

    def make() -> nn.Module:
        torch.manual_seed(setup.seeds.integer("network"))
        return build(network)

    def loss_with(compute: Compute) -> Any:
        abar = alpha_bar.to(compute.device)

        def loss(model: Any, rng: np.random.Generator, step: int) -> tuple[torch.Tensor, Metrics]:
            x, classes = data.batch(step, config.batch, compute)
            with compute.autocast():
                if step < first_steps:
                    total, error = first_stage_loss(model.first, x, config.kl_weight)
                    return total, {"loss/first_stage": error.item()}
                if latent:
                    if step == first_steps:
                        model.calibrate(data.at(np.arange(min(_CODES, len(data.labels))), compute)[0])
                    x = model.codes(x)
                hidden = torch.rand(len(classes)).to(classes.device) < config.without_class
                classes = classes.masked_fill(hidden, len(data.classes))
                net = model.denoiser if latent else model
                result = ddpm.denoising_loss(lambda x_t, t: net(x_t, t, classes), x, abar)
            return result, {"loss/denoising": result.item()}

        return loss

    def training_step(compute: Compute) -> Any:
        model, loss = compute.place(make()), loss_with(compute)
        return lambda: loss(model, np.random.default_rng(0), first_steps + 1)[0].backward()

    backend, measured = (
        (setup.compute, {}) if setup.compute else quickest(setup.settings, training_step, channels_last=True)
    )

    def read(
        model: nn.Module, count: int, counted: Callable[[int], None] = lambda done: None
    ) -> tuple[float, torch.Tensor]:
        """Draw `count` pictures, equally many of each class: (fraction the judge reads as that class, pictures)."""
        classes = torch.arange(count) % len(data.classes)
        made = make_pictures(model, network, classes, seed=1, counted=counted, compute=backend)
        said = data.judge.probabilities(as_bytes(made)).argmax(1)
        return float((said == classes).float().mean()), made

    def test(model: nn.Module) -> Metrics:
        return {"as_asked": read(model, _TESTED)[0]}

    def measure(model: nn.Module) -> Measured:
        data.counted, count = True, max(1, config.judged)
        share = read(model, count, Counter(count, "pictures drawn"))[0]
        protocol = (
            f"the judge reads the class asked for; {config.sampling_steps} steps, eta {config.eta:g}, guidance "
            f"{config.guidance:g}; {data.protocol()}"
        )
        also: dict[str, float | str] = {"million multiplications a step": round(multiplications(network) / 1e6, 2)}
        return Measured(
            "of images classified as requested",
            share,
            wilson(share, count),
            f"{count:,} pictures",
            "higher",
            protocol,
            also,
        )

    def pictures(model: nn.Module, folder: Path) -> list[Path]:
        return draw(model, network, folder, backend)

    parts = Parts(
        network,
        make(),
        loss_with(backend),
        test,
        measure,
        lambda found: found["as_asked"],
        Words("gradient steps", "test/as_asked", "classified as requested", ("learning", "testing"), ("loss",), True),
        [f"{data.about}: {len(data.labels):,} pictures to learn from"],
        pictures,
        test_cost=_TESTED * config.sampling_steps * (2 if config.guidance else 1) / (3 * config.batch),
        measures=f"{config.judged:,} pictures drawn, and read by a classifier trained for this",
        fingerprint=data.fingerprint,
    )
    return GradientStudy(parts, setup, backend, measured)
