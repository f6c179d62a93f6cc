"""Pictures from a trained diffusion model, on pixels or codes: for `tengen sample`, the judge and the picture files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from supervised.generative import diffusion as ddpm
from supervised.generative.diffusion_network import schedule, shape_of
from supervised.generative.judged import class_number, shown
from supervised.systems.study import Sample, SampleOptions
from tengen.device import Compute
from tengen.errors import UserError
from tengen.figures import grid, write_picture
from tengen.plural import counted

_PART = 250


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
