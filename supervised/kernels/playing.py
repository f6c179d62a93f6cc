"""A network made ready for playing: evaluation mode, norms folded, the fastest convolutions of this machine."""

from __future__ import annotations

import time
from dataclasses import replace

import torch

from supervised.kernels.fold import folded
from supervised.kernels.winograd.tower import can_winograd, with_winograd
from supervised.nets.headed import HeadedNet
from supervised.nets.tower import Tower
from tengen.device import Compute

_GAIN = 1.1  # how much faster Winograd's algorithm must be to be taken
_SECONDS = 0.6


def for_playing(net: HeadedNet, compute: Compute) -> HeadedNet:
    """A copy of `net` that plays as `compute` says; it cannot learn.

    Boards must be whole, all of one size in a batch: a tower that learned several sizes needs no mask then.
    """
    made = folded(net)
    if isinstance(made.trunk, Tower):
        made.trunk.masked = False
    compute.place(made)
    return with_winograd(made, compute.threads) if compute.winograd and can_winograd(made, compute) else made


def choose_playing(
    net: HeadedNet, compute: Compute, planes: torch.Tensor, way: str = "auto"
) -> tuple[Compute, dict[str, float]]:
    """`compute` with the faster way to play on `planes` [B, C, H, W], and positions/s of what was tried.

    `way` "direct" or "winograd" is taken without measuring, where it is possible.
    """
    if way == "direct" or not can_winograd(net, compute):  # nothing to choose
        return compute, {}
    ways = {name: replace(compute, winograd=name == "winograd") for name in ("direct", "winograd")}
    if way == "winograd":
        return ways[way], {}
    seconds = _least_seconds(net, ways, planes)
    chosen = ways["winograd" if _GAIN * seconds["winograd"] < seconds["direct"] else "direct"]
    return chosen, {f"playing, {name}": len(planes) / least for name, least in seconds.items()}


def _least_seconds(net: HeadedNet, ways: dict[str, Compute], planes: torch.Tensor) -> dict[str, float]:
    """Seconds a batch, the ways in turns; the least of the rounds that fit, since others only slow a round down."""
    nets = {name: for_playing(net, way) for name, way in ways.items()}
    times: dict[str, list[float]] = {name: [] for name in ways}
    begun = time.perf_counter()
    with torch.inference_mode():
        while min(map(len, times.values())) < 4 or time.perf_counter() - begun < _SECONDS:
            for name, way in ways.items():
                start = time.perf_counter()
                with way.autocast():
                    nets[name](planes)
                times[name].append(time.perf_counter() - start)
    return {name: min(taken[1:]) for name, taken in times.items()}
