"""A network made ready for playing: evaluation mode, norms folded, the fastest convolutions of this machine."""

from __future__ import annotations

import time
from dataclasses import replace

import torch

from supervised.nets.fold import folded
from supervised.nets.headed import HeadedNet
from supervised.nets.tower import Tower
from supervised.nets.winograd import can_winograd, with_winograd
from tengen.device import Compute

_GAIN = 1.1  # how much faster Winograd's algorithm must be to be taken
_SECONDS = 0.3


def for_playing(net: HeadedNet, compute: Compute) -> HeadedNet:
    """A copy of `net` that plays as `compute` says; it cannot learn.

    Boards must be whole, all of one size in a batch: a tower that learned several sizes needs no mask then.
    """
    made = folded(net)
    if isinstance(made.trunk, Tower):
        made.trunk.masked = False
    compute.place(made)
    return with_winograd(made, compute.threads) if compute.winograd and can_winograd(made, compute) else made


def choose_playing(net: HeadedNet, compute: Compute, planes: torch.Tensor) -> tuple[Compute, dict[str, float]]:
    """`compute` with the faster way to play on `planes` [B, C, H, W], and positions/s of what was tried."""
    if not can_winograd(net, compute):  # nothing to choose
        return compute, {}
    rates = {}
    for way in (False, True):
        playing = for_playing(net, replace(compute, winograd=way))
        rates["playing, winograd" if way else "playing, direct"] = _rate(playing, planes)
    direct, winograd = rates.values()
    return replace(compute, winograd=winograd > _GAIN * direct), rates


def _rate(net: HeadedNet, planes: torch.Tensor) -> float:
    """Positions a second; the best of the rounds that fit, since others only slow a round down."""
    times: list[float] = []
    with torch.inference_mode():
        net(planes)
        begun = time.perf_counter()
        while len(times) < 3 or time.perf_counter() - begun < _SECONDS:
            start = time.perf_counter()
            net(planes)
            times.append(time.perf_counter() - start)
    return len(planes) / min(times)
