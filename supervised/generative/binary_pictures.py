"""Pictures of what models of bits have learned: samples, reconstructions, the latent plane, weights, chains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from supervised.generative.blocks import bits_of, uniform
from supervised.generative.densities import KINDS
from tengen.device import Compute
from tengen.figures import grid, write_picture

_SHOWN = 10


def draw(model: Any, name: str, held_out: np.ndarray, folder: Path, compute: Compute) -> list[Path]:
    """Write the pictures of `model` into `folder`. `held_out` [N, 1, H, W] bytes."""
    side = held_out.shape[2]
    rows = np.linspace(0, len(held_out) - 1, _SHOWN).astype(int)
    x = torch.from_numpy(held_out[rows]).to(compute.device)
    rng = np.random.default_rng(1)
    found = {}
    if name == "made":
        found["samples"], found["completions"] = made_pictures(model, bits_of(x), 4, rng)
    else:
        found["samples"] = (KINDS[name].sample(model, 5 * _SHOWN, rng, 1.0), _SHOWN)
    if name in ("autoencoder", "vae"):
        codes = model.encode(torch.from_numpy(held_out[:5000]).to(compute.device))
        codes = codes[0] if name == "vae" else codes
        back = model.decode(model.encode(x)[0] if name == "vae" else model.encode(x)).sigmoid()
        found["reconstructions"] = (torch.cat([bits_of(x), back]), _SHOWN)
        found["plane"] = (model.decode(plane(codes.float(), 12)).sigmoid(), 12)
    if name == "rbm":
        weight = model.weight.T[: 10 * _SHOWN]  # [H, V]
        found["weights"] = ((0.5 + weight / (2 * weight.abs().amax(1, keepdim=True) + 1e-9)), _SHOWN)
        found["chains"] = (chains(model, rng), 7)
    return [
        write_picture(grid(as_bytes(values, side), columns, scale=2), folder / f"{title}.png")
        for title, (values, columns) in found.items()
    ]


def as_bytes(values: torch.Tensor, side: int) -> np.ndarray:
    """[N, side, side] bytes of values [N, side * side] from 0 to 1."""
    pictures: np.ndarray = (255 * values.float().clamp(0, 1)).round().byte().view(-1, side, side).cpu().numpy()
    return pictures


def plane(codes: torch.Tensor, steps: int) -> torch.Tensor:
    """[steps * steps, K] points of the plane in which `codes` [N, K] vary most, two deviations to each side."""
    mean = codes.mean(0)
    _, values, axes = torch.linalg.svd(codes - mean, full_matrices=False)
    deviation = values / len(codes) ** 0.5
    across = torch.linspace(-2, 2, steps, device=codes.device)
    second = 1 if codes.shape[1] > 1 else 0
    v, u = torch.meshgrid(across, across, indexing="ij")
    return (
        mean
        + u.reshape(-1, 1) * deviation[0] * axes[0]
        + v.reshape(-1, 1) * deviation[second] * axes[second] * (second != 0)
    )


def made_pictures(
    model: Any, bits: torch.Tensor, count: int, rng: np.random.Generator
) -> tuple[tuple[torch.Tensor, int], tuple[torch.Tensor, int]]:
    """(samples, completions), each with its number of columns; drawn together, because a draw takes D passes.

    A completion row is a picture of `bits` [B, D] and `count` ways in which its lower half could go on.
    """
    pixels = bits.shape[1]
    upper = bits.repeat_interleave(count, 0)[:, : pixels // 2]  # [B * count, D / 2]
    numbers = uniform(rng, 5 * _SHOWN + len(upper), pixels, like=bits)
    if model.masks == 1:  # else the upper half does not come first
        numbers[5 * _SHOWN :, : pixels // 2] = 2 - 3 * upper  # 2 draws a 0, -1 a 1: the upper half is as it is
    drawn = model.sample(numbers)
    lower = drawn[5 * _SHOWN :].view(len(bits), count, pixels)
    return (drawn[: 5 * _SHOWN], _SHOWN), (torch.cat([bits[:, None], lower], 1).flatten(0, 1), count + 1)


def chains(model: Any, rng: np.random.Generator) -> torch.Tensor:
    """Eight chains (rows) after 0, 1, 10, 100, 500, 1000 and 2000 rounds of Gibbs sampling, from noise."""
    v = (uniform(rng, 8, len(model.mean), like=model.mean) < model.mean).float()
    seen, done = [v], 0
    for rounds in (1, 10, 100, 500, 1000, 2000):
        v, done = model.gibbs(v, rounds - done, rng), rounds
        seen.append(model.visible_given(model.hidden_given(v)))
    return torch.stack(seen, 1).flatten(0, 1)
