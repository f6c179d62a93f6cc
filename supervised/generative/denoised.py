"""Pictures from a trained diffusion model, on pixels or codes: for `tengen sample`, the judge and the picture files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import torch
from torch import nn

from supervised.generative import diffusion as ddpm
from supervised.generative.denoiser import Denoiser
from supervised.generative.judged import class_number, load, shown
from supervised.generative.latent import LatentDiffusion
from supervised.systems.study import Sample, SampleOptions
from tengen.bounds import bounded
from tengen.config import Amount, Fraction, Range, check_described
from tengen.device import Compute
from tengen.errors import UserError
from tengen.figures import grid, write_picture
from tengen.plural import counted

_PART = 250

_Side = Annotated[int, Range(1, 1024)]
_Times = Annotated[int, Range(1, 1_000_000)]
_OF_NO_WEIGHT: dict[str, Any] = {  # entries of a description that sampling uses and loading the weights cannot check
    "model": Literal["diffusion", "latent-diffusion"],
    "noise": Literal["linear", "cosine"],
    "times": _Times,
    "steps": _Times,
    "guidance": Amount,
    "eta": Fraction,
    "height": _Side,
    "width": _Side,
}


def schedule(network: dict[str, Any]) -> torch.Tensor:
    """alpha_bar [T + 1]."""
    return (ddpm.cosine_schedule if network["noise"] == "cosine" else ddpm.linear_schedule)(network["times"])


def build(network: dict[str, Any]) -> nn.Module:
    planes, classes, channels = network["planes"], len(network["classes"]), tuple(network["channels"])
    if network["model"] == "diffusion":
        return bounded(lambda: Denoiser(planes, classes, channels, network["depth"]))
    latent, width = network["latent"], network["first_width"]
    return bounded(lambda: LatentDiffusion(planes, classes, latent, width, channels, network["depth"]))


def shape_of(network: dict[str, Any]) -> tuple[int, ...]:
    """Shape of the tensor that is denoised: a picture or its code."""
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
    counted: Callable[[int], None] = lambda done: None,
    compute: Compute | None = None,
) -> torch.Tensor:
    """Pictures [B, C, H, W] in [-1, 1] of `classes` [B]; `steps` and `guidance` default to the network's own."""
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
        counted(sum(map(len, made)))
    return torch.cat(made)


def draw(model: Any, network: dict[str, Any], folder: Path, compute: Compute) -> list[Path]:
    """A row of samples for each class; and for one picture of each class, the model's estimates of x_0 over time."""
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


def _denoiser(model: Any, network: dict[str, Any]) -> Any:
    return model.denoiser if network["model"] == "latent-diffusion" else model


def multiplications(network: dict[str, Any]) -> int:
    """Multiplications in one denoising step of one picture."""
    from torch.utils.flop_counter import FlopCounterMode

    net = _denoiser(build(network).eval(), network)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.zeros(1, *shape_of(network)), torch.ones(1).long(), torch.zeros(1).long())
    return counter.get_total_flops() // 2


def model(network: dict[str, Any], weights: dict[str, torch.Tensor]) -> nn.Module:
    told = {**network, "height": network["side"][0], "width": network["side"][1]}
    check_described(told, _OF_NO_WEIGHT)
    if not all(isinstance(name, str) for name in network["classes"]):
        raise TypeError("the names of classes must be strings")
    with torch.device("meta"), torch.no_grad():  # check that the network accepts pictures of this size
        _denoiser(build(network), network)(torch.zeros(1, *shape_of(network)), *torch.zeros(2, 1).long())
    made: nn.Module = load(build(network), weights)
    made.description = network  # type: ignore[assignment]
    return made


def sample(made: Any, options: SampleOptions, say: Any) -> Sample:
    """Pictures of all classes in turn, or of the one given by `--class`."""
    network = made.description
    if options.prompt:
        raise UserError("this model takes no text; name a class with --class " + "|".join(network["classes"]))
    wanted = class_number(options.of_class, network["classes"])
    count = options.count or (36 if wanted is not None else 5 * len(network["classes"]))
    classes = torch.arange(count) % len(network["classes"]) if wanted is None else torch.full((count,), wanted)
    columns = max(1, round(count**0.5)) if wanted is not None else len(network["classes"])
    say(f"drawing {counted(count, 'pictures')} in {counted(options.steps or network['steps'], 'steps')}")
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
