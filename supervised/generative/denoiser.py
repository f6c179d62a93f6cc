"""The U-Net of diffusion models (Ho et al. 2020, appendix B): it predicts the noise in a picture.

    x [B, C, H, W] -- block -- block/2 -- block/4 --+          a block: norm, SiLU, conv, + time and class,
                       |         |                  |                   norm, SiLU, conv, + what came in
    eps  <------ block + <- block + <---- block  ---+

Time enters as sines and cosines through two linear layers; each class adds its own vector (the last row: no class).
Deviations: one block per level, no attention, class embeddings; far fewer channels. The last convolution starts at 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """[B, inputs, H, W], embedding [B, E] -> [B, outputs, H, W]."""

    def __init__(self, inputs: int, outputs: int, embedded: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(min(8, inputs), inputs), nn.Conv2d(inputs, outputs, 3, padding=1)
        self.embed = nn.Linear(embedded, outputs)
        self.norm2, self.conv2 = nn.GroupNorm(min(8, outputs), outputs), nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: torch.Tensor, embedding: torch.Tensor) -> torch.Tensor:
        h = self.conv1(functional.silu(self.norm1(x)))
        h = h + self.embed(embedding)[:, :, None, None]
        h = self.conv2(functional.silu(self.norm2(h)))
        out: torch.Tensor = h + self.skip(x)
        return out


class Denoiser(nn.Module):
    """x [B, C, H, W], t [B], classes [B] -> eps [B, C, H, W]. Class number `classes` stands for none."""

    def __init__(self, planes: int, classes: int, channels: Sequence[int] = (32, 64, 128), depth: int = 1) -> None:
        """`depth` is the number of further blocks in the middle, at the lowest resolution."""
        super().__init__()
        width = 4 * channels[0]
        self.frequencies = channels[0] // 2
        self.time = nn.Sequential(nn.Linear(2 * self.frequencies, width), nn.SiLU(), nn.Linear(width, width))
        self.classes = nn.Embedding(classes + 1, width)
        self.first = nn.Conv2d(planes, channels[0], 3, padding=1)
        counts = [channels[0], *channels]
        self.down = nn.ModuleList([Block(counts[i], counts[i + 1], width) for i in range(len(channels))])
        self.middle = nn.ModuleList([Block(channels[-1], channels[-1], width) for _ in range(depth)])
        ups = [(channels[i + 1] + channels[i], channels[i]) for i in reversed(range(len(channels) - 1))]
        self.up = nn.ModuleList([Block(inputs, outputs, width) for inputs, outputs in ups])
        self.last_norm, self.last = nn.GroupNorm(min(8, channels[0]), channels[0]), nn.Conv2d(channels[0], planes, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    def forward(self, x: torch.Tensor, t: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        embedding = functional.silu(self.time(time_embedding(t, self.frequencies)) + self.classes(classes))
        x, copies = self.first(x), []
        for i, block in enumerate(self.down):
            x = block(functional.avg_pool2d(x, 2, ceil_mode=True) if i else x, embedding)
            copies.append(x)
        copies.pop()
        for block in self.middle:
            x = block(x, embedding)
        for block in self.up:
            copy = copies.pop()
            x = functional.interpolate(x, copy.shape[2:], mode="nearest")
            x = block(torch.cat([x, copy], 1), embedding)
        eps: torch.Tensor = self.last(functional.silu(self.last_norm(x)))
        return eps.float()


def time_embedding(t: torch.Tensor, frequencies: int) -> torch.Tensor:
    """[B, 2 * frequencies]: sines and cosines of t, with periods from 2 pi to 20,000 pi (Vaswani 2017, section 3.5)."""
    rates = torch.exp(-math.log(10_000) * torch.arange(frequencies, device=t.device) / frequencies)
    angles = t[:, None].float() * rates
    return torch.cat([angles.sin(), angles.cos()], 1)
