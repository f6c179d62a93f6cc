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

_GAIN = 1.1  # minimum speed-up over direct convolutions to choose Winograd's algorithm
_SECONDS = 0.6


def for_playing(net: HeadedNet, compute: Compute) -> HeadedNet:
    """A copy of `net` that plays as `compute` says; it cannot be trained.

    All boards of a batch must have the same size and no padding, so that a tower trained on several needs no mask.
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
    """`compute` with the faster convolutions for playing on `planes` [B, C, H, W]; the measured positions/s.

    `convolutions` "direct" or "winograd" is used without measuring, where possible.
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
    """Minimum seconds per batch, with the backends taking turns; minimum, because other load only slows rounds down."""
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
