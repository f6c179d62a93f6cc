"""`tengen train mnist --model diffusion|latent-diffusion`: the denoiser, on pixels or on codes, as a training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from supervised.generative import diffusion as ddpm
from supervised.generative.denoiser import Denoiser
from supervised.generative.judged import Judged, as_bytes, class_number, load, shown
from supervised.generative.latent import LatentDiffusion, first_stage_loss
from supervised.systems.gradient import GradientStudy, Metrics, Parts
from supervised.systems.precision import quickest
from supervised.systems.study import Measured, Sample, SampleOptions, Setup
from tengen.device import Compute
from tengen.display import Words
from tengen.errors import UserError
from tengen.figures import grid, write_picture
from tengen.statistics import wilson

_TESTED, _PART, _CODES = 100, 250, 2000


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

    def read(model: nn.Module, count: int) -> tuple[float, torch.Tensor]:
        """(fraction in which the judge reads the class asked for, pictures) of `count` pictures, all classes alike."""
        classes = torch.arange(count) % len(data.classes)
        made = make_pictures(model, network, classes, seed=1, compute=backend)
        said = data.judge.probabilities(as_bytes(made)).argmax(1)
        return float((said == classes).float().mean()), made

    def test(model: nn.Module) -> Metrics:
        return {"as_asked": read(model, _TESTED)[0]}

    def measure(model: nn.Module) -> Measured:
        count = max(1, config.judged)
        share = read(model, count)[0]
        protocol = (
            f"the judge reads the class asked for; {config.sampling_steps} steps, eta {config.eta:g}, guidance "
            f"{config.guidance:g}; {data.protocol()}"
        )
        also: dict[str, float | str] = {"million multiplications a step": round(multiplications(network) / 1e6, 2)}
        return Measured(
            "of pictures read as asked", share, wilson(share, count), f"{count:,} pictures", "higher", protocol, also
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
        Words("gradient steps", "test/as_asked", "read as asked", ("learning", "testing"), ("loss",), True),
        [f"{data.about}: {len(data.labels):,} pictures to learn from"],
        pictures,
    )
    return GradientStudy(parts, setup, backend, measured)


def schedule(network: dict[str, Any]) -> torch.Tensor:
    """alpha_bar [T + 1]."""
    return (ddpm.cosine_schedule if network["noise"] == "cosine" else ddpm.linear_schedule)(network["times"])


def build(network: dict[str, Any]) -> nn.Module:
    planes, classes, channels = network["planes"], len(network["classes"]), tuple(network["channels"])
    if network["model"] == "diffusion":
        return Denoiser(planes, classes, channels, network["depth"])
    latent, width = network["latent"], network["first_width"]
    return LatentDiffusion(planes, classes, latent, width, channels, network["depth"])


def shape_of(network: dict[str, Any]) -> tuple[int, ...]:
    """Of what is denoised: a picture or its code."""
    height, width = network["side"]
    if network["model"] == "diffusion":
        return (network["planes"], height, width)
    return (network["latent"], height // 4, width // 4)


@torch.no_grad()
def make_pictures(
    model: Any,
    network: dict[str, Any],
    classes: torch.Tensor,
    seed: int,
    *,
    steps: int = 0,
    guidance: float = -1.0,
    temperature: float = 1.0,
    watch: Any = lambda t, x_0: None,
    compute: Compute | None = None,
) -> torch.Tensor:
    """Pictures [B, C, H, W] in [-1, 1] of `classes` [B]; what is not given is as the network was trained for."""
    compute = compute or Compute()
    latent = network["model"] == "latent-diffusion"
    net = model.denoiser if latent else model
    generator = torch.Generator().manual_seed(seed)
    weight = network["guidance"] if guidance < 0 else guidance
    made = []
    for part in classes.split(_PART):
        x = temperature * torch.randn((len(part), *shape_of(network)), generator=generator)
        noise = ddpm.guided(net, part.to(compute.device), len(network["classes"]), weight)
        with compute.autocast():
            x = ddpm.sample(
                noise,
                x.to(compute.device),
                schedule(network).to(compute.device),
                steps or network["steps"],
                eta=network["eta"],
                clip=not latent,
                generator=generator,
                watch=watch,
            )
            made.append((model.pictures(x) if latent else x).float().cpu())
    return torch.cat(made)


def draw(model: Any, network: dict[str, Any], folder: Path, compute: Compute) -> list[Path]:
    """A row of samples for each class; and what the model believes to see while it denoises, a row each."""
    count = len(network["classes"])
    classes = torch.arange(count).repeat_interleave(10)
    samples = make_pictures(model, network, classes, 2, compute=compute)
    seen: list[torch.Tensor] = []
    make_pictures(
        model, network, torch.arange(count), 3, watch=lambda t, x_0: seen.append(x_0.float()), compute=compute
    )
    chosen = np.unique(np.linspace(0, len(seen) - 1, 12).astype(int))
    steps = [model.pictures(seen[i]) if network["model"] == "latent-diffusion" else seen[i] for i in chosen]
    over_time = torch.stack([step.cpu() for step in steps], 1).flatten(0, 1)
    return [
        write_picture(grid(shown(samples), 10, 2), folder / "samples.png"),
        write_picture(grid(shown(over_time), len(chosen), 2), folder / "over-time.png"),
    ]


def multiplications(network: dict[str, Any]) -> int:
    """Of one step of denoising one picture."""
    from torch.utils.flop_counter import FlopCounterMode

    model: Any = build(network).eval()
    net = model.denoiser if network["model"] == "latent-diffusion" else model
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.zeros(1, *shape_of(network)), torch.ones(1).long(), torch.zeros(1).long())
    return counter.get_total_flops() // 2


def model(network: dict[str, Any], weights: dict[str, torch.Tensor]) -> nn.Module:
    made: nn.Module = load(build(network), weights)
    made.description = network  # type: ignore[assignment]
    return made


def sample(made: Any, options: SampleOptions, say: Any) -> Sample:
    """Pictures of all classes in turn, or of `--class`."""
    network = made.description
    if options.prompt:
        raise UserError("this model reads no text; name a class with --class " + "|".join(network["classes"]))
    wanted = class_number(options.of_class, network["classes"])
    count = options.count or (64 if wanted is not None else 10 * len(network["classes"]))
    classes = torch.arange(count) % len(network["classes"]) if wanted is None else torch.full((count,), wanted)
    columns = max(1, round(count**0.5)) if wanted is not None else len(network["classes"])
    pictures = make_pictures(
        made,
        network,
        classes,
        options.seed,
        steps=options.steps,
        guidance=options.guidance,
        temperature=options.temperature,
    )
    return Sample(picture=grid(shown(pictures), min(columns, count), 2))
