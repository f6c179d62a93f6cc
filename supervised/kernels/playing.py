"""Prepare a network for playing: evaluation mode, folded norms, the fastest convolutions on this machine."""

from __future__ import annotations

import time
from dataclasses import replace

import torch

from supervised.kernels.fold import folded
from supervised.kernels.scale import with_rounded_scales
from supervised.kernels.winograd.tower import can_winograd, with_winograd
from supervised.nets.headed import HeadedNet
from supervised.nets.tower import Tower
from tengen.device import Compute

_GAIN = 1.1  # how many times faster than direct convolutions Winograd's algorithm must be to be chosen
_SECONDS = 0.6


def for_playing(net: HeadedNet, compute: Compute) -> HeadedNet:
    """A copy of `net` that plays as `compute` says; it cannot learn.

    All boards of a batch must have the same size and be whole: a tower that learned several sizes needs no mask then.
    """
    made = folded(net)
    if isinstance(made.trunk, Tower):
        made.trunk.masked = False
    compute.place(made)
    with_rounded_scales(made, compute)
    return with_winograd(made, compute.threads) if compute.winograd and can_winograd(made, compute) else made


def choose_playing(
    net: HeadedNet, compute: Compute, planes: torch.Tensor, convolutions: str = "auto"
) -> tuple[Compute, dict[str, float]]:
    """`compute` with the faster convolutions for playing on `planes` [B, C, H, W]; positions/s of what was measured.

    `convolutions` "direct" or "winograd" is taken without measuring, where it is possible.
    """
    if convolutions == "direct" or not can_winograd(net, compute):  # nothing to choose
        return compute, {}
    backends = {name: replace(compute, winograd=name == "winograd") for name in ("direct", "winograd")}
    if convolutions == "winograd":
        return backends[convolutions], {}
    seconds = _least_seconds(net, backends, planes)
    chosen = backends["winograd" if _GAIN * seconds["winograd"] < seconds["direct"] else "direct"]
    return chosen, {f"playing, {name}": len(planes) / least for name, least in seconds.items()}


def _least_seconds(net: HeadedNet, backends: dict[str, Compute], planes: torch.Tensor) -> dict[str, float]:
    """Seconds a batch, the backends in turns; the least of the rounds that fit: other load only slows a round down."""
    nets = {name: for_playing(net, backend) for name, backend in backends.items()}
    times: dict[str, list[float]] = {name: [] for name in backends}
    begun = time.perf_counter()
    with torch.inference_mode():
        while min(map(len, times.values())) < 4 or time.perf_counter() - begun < _SECONDS:
            for name, backend in backends.items():
                start = time.perf_counter()
                with backend.autocast():
                    nets[name](planes)
                times[name].append(time.perf_counter() - start)
    return {name: min(taken[1:]) for name, taken in times.items()}
