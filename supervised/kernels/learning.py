"""Prepare a network for learning: device, layout, and the fastest convolutions on this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import nn

from supervised.kernels.foreground.trunk import ForegroundCNN
from supervised.kernels.measure import choose_precision, margin, training_rates
from supervised.kernels.scale import with_rounded_scales
from supervised.kernels.swap import swap
from supervised.kernels.winograd.convolution import WinogradConv2d, with_winograd_training
from supervised.nets.headed import Spec, build
from tengen.device import PRECISIONS, Compute, has_bfloat16
from tengen.settings import Common

_GAIN = 1.1  # how many times faster than direct convolutions others must be to be chosen


def for_learning(net: nn.Module, compute: Compute) -> nn.Module:
    """`net`, its modules replaced in place so that it learns as `compute` says: the same function, to rounding."""
    compute.place(net)
    with_rounded_scales(net, compute)
    if compute.foreground:
        swap(net, ForegroundCNN.fits, ForegroundCNN)
    return with_winograd_training(net) if compute.winograd_training else net


def choose_learning(
    spec: Spec, batch: torch.Tensor, *, convolutions: str = "auto", **wanted: Any
) -> tuple[Compute, dict[str, float]]:
    """The fastest backend to train the network `spec` on `batch` [B, ...], and samples/s of what was measured.

    `batch` should be real screens: what the foreground saves depends on them. `wanted`: device, threads, precision and
    layout, as `choose_precision` takes them; `convolutions` "direct" or "winograd" is taken without measuring, where
    it is possible.
    """
    compute, rates = choose_precision(lambda: build(spec, 0), batch, ready=for_learning, **wanted)
    if convolutions == "direct" or compute.device != "cpu" or wanted.get("layout", "auto") == "default":
        return compute, rates
    net = build(spec, 0)
    if batch.dtype == torch.uint8 and ForegroundCNN.fits(net.trunk):
        name, special = "foreground", {"foreground": True}
    elif any(WinogradConv2d.fits(module) for module in net.modules()):
        name, special = "Winograd", {"winograd_training": True}
    else:
        return compute, rates
    precisions = PRECISIONS if wanted.get("precision", "auto") == "auto" and has_bfloat16() else (compute.precision,)
    backends = {
        f"{precision}, {name}": replace(compute, precision=precision, channels_last=True, **special)  # type: ignore[arg-type]
        for precision in precisions
    }
    if convolutions != "winograd":
        backends["direct"] = compute
    if len(backends) == 1:
        return next(iter(backends.values())), rates
    found = training_rates(list(backends.values()), lambda: build(spec, 0), batch, ready=for_learning)
    rates |= {name: found[backend] for name, backend in backends.items()}
    return max(found, key=lambda b: found[b] / (margin(b) * (1 if b == compute else _GAIN))), rates


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
