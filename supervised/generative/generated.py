"""Sample pictures from a trained generator, for `tengen sample`, the judge and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from supervised.generative.gan import Generator
from supervised.generative.judged import load, shown
from supervised.systems.study import Sample, SampleOptions
from tengen.errors import UserError
from tengen.figures import grid, write_picture

_PART = 500


@torch.no_grad()
def make_pictures(
    net: nn.Module, count: int, noise: int, seed: int, device: str = "cpu", scale: float = 1.0
) -> torch.Tensor:
    """Pictures [count, C, H, W] from the generator `net`."""
    z = scale * torch.randn(count, noise, generator=torch.Generator().manual_seed(seed))
    net.eval()
    return torch.cat([net(part.to(device)).float() for part in z.split(_PART)])


@torch.no_grad()
def draw(net: nn.Module, noise: int, folder: Path, device: str) -> list[Path]:
    """A hundred pictures; and eight ways through the noise from one picture to another, a row each."""
    z = torch.randn(2, 8, noise, generator=torch.Generator().manual_seed(2)).to(device)
    t = torch.linspace(0, 1, 10, device=z.device).view(1, -1, 1)
    walk = (z[0][:, None] * (1 - t) + z[1][:, None] * t).flatten(0, 1)  # [80, Z]
    between = net.eval()(walk / walk.norm(dim=1, keepdim=True) * noise**0.5)
    return [
        write_picture(grid(shown(make_pictures(net, 100, noise, 1, device)), 10, 2), folder / "samples.png"),
        write_picture(grid(shown(between), 10, 2), folder / "between.png"),
    ]


def model(network: dict[str, Any], weights: dict[str, torch.Tensor]) -> nn.Module:
    made: nn.Module = load(Generator(**network), weights)
    return made


def sample(net: Any, options: SampleOptions, say: object) -> Sample:
    """A grid of pictures; --temperature scales the noise: below 1 more typical, less varied."""
    if options.of_class or options.prompt:
        raise UserError("this generator knows no classes and reads no text; leave out --class and --prompt")
    count = options.count or 64
    pictures = make_pictures(net, count, net.noise, options.seed, scale=options.temperature)
    return Sample(picture=grid(shown(pictures), max(1, round(count**0.5)), 2))
