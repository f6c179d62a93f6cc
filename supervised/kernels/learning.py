"""A network made ready for learning: device, layout, and the fastest convolutions of this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import nn

from supervised.kernels.foreground import maps as foreground
from supervised.kernels.winograd.convolution import WinogradConv2d, with_winograd_training
from supervised.nets.cnn import ScreenCNN
from supervised.nets.headed import HeadedNet, Spec, build
from supervised.settings import Common
from tengen.device import PRECISIONS, Compute, choose, has_bfloat16, margin, training_rates

_GAIN = 1.1  # how much faster than whole, direct convolutions others must be to be taken


def for_learning(net: nn.Module, compute: Compute) -> nn.Module:
    """`net`, in place, so that it learns as `compute` says."""
    compute.place(net)
    for module in net.modules():
        if isinstance(module, ScreenCNN):
            module.by_foreground = compute.foreground and foreground.fits(module.convolutions)
    return with_winograd_training(net) if compute.winograd_training else net


def choose_learning(
    spec: Spec, batch: torch.Tensor, *, convolutions: str = "auto", **wanted: Any
) -> tuple[Compute, dict[str, float]]:
    """The fastest way to train the network `spec` on `batch` [B, ...], and samples/s of what was tried.

    `batch` should be real screens: what the foreground saves is measured on them. `wanted`: device, threads,
    precision and layout, as `tengen.device.choose` takes them; `convolutions` "direct" or "winograd" is taken without
    measuring, where it is possible.
    """
    compute, rates = choose(lambda: build(spec, 0), batch, **wanted)
    if convolutions == "direct" or compute.device != "cpu" or wanted.get("layout", "auto") == "default":
        return compute, rates
    net = build(spec, 0)
    if _can_foreground(net, batch):
        name, special = "foreground", {"foreground": True}
    elif any(WinogradConv2d.fits(module) for module in net.modules()):
        name, special = "Winograd", {"winograd_training": True}
    else:
        return compute, rates
    precisions = PRECISIONS if wanted.get("precision", "auto") == "auto" and has_bfloat16() else (compute.precision,)
    ways = {f"{p}, {name}": replace(compute, precision=p, channels_last=True, **special) for p in precisions}  # type: ignore[arg-type]
    if convolutions != "winograd":
        ways["direct"] = compute
    if len(ways) == 1:
        return next(iter(ways.values())), rates
    found = training_rates(list(ways.values()), lambda: build(spec, 0), batch, ready=for_learning)
    rates |= {name: found[way] for name, way in ways.items()}
    return max(found, key=lambda way: found[way] / (margin(way) * (1 if way == compute else _GAIN))), rates


def fastest(settings: Common, spec: Spec, batch: torch.Tensor) -> tuple[Compute, dict[str, float]]:
    """`choose_learning` within what `settings` allow."""
    return choose_learning(
        spec,
        batch,
        convolutions=settings.convolutions,
        device=settings.device,
        threads=settings.threads,
        precision=settings.precision,
        layout=settings.layout,
    )


def _can_foreground(net: HeadedNet, batch: torch.Tensor) -> bool:
    screens = batch.dtype == torch.uint8 and isinstance(net.trunk, ScreenCNN)
    return screens and foreground.fits(net.trunk.convolutions)  # type: ignore[union-attr,arg-type]
