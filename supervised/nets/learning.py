"""A network made ready for learning: device, layout, and the fastest convolutions of this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import nn

from supervised.nets import foreground
from supervised.nets.cnn import ScreenCNN
from supervised.nets.headed import HeadedNet, Spec, build
from supervised.nets.winograd_training import WinogradConv2d, with_winograd_training
from tengen.device import Compute, choose, training_rates

_GAIN = 1.1  # how much faster Winograd's algorithm must be to be taken


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

    `wanted`: device, threads, precision and layout, as `tengen.device.choose` takes them; `convolutions` "direct"
    or "winograd" is taken without measuring, where it is possible. Screens' foreground needs no measuring: where it
    saves nothing it costs nothing.
    """
    compute, rates = choose(lambda: build(spec, 0), batch, **wanted)
    if convolutions == "direct":
        return compute, rates
    net = build(spec, 0)
    if _by_foreground(net, compute, batch):
        return replace(compute, foreground=True), rates
    if not _can_winograd(net, compute):
        return compute, rates
    by_winograd = replace(compute, winograd_training=True)
    if convolutions == "winograd":
        return by_winograd, rates
    found = training_rates([compute, by_winograd], lambda: build(spec, 0), batch, ready=for_learning)
    rates |= {"direct": found[compute], "Winograd": found[by_winograd]}
    return (by_winograd if found[by_winograd] > _GAIN * found[compute] else compute), rates


def _by_foreground(net: HeadedNet, compute: Compute, batch: torch.Tensor) -> bool:
    if not (_plain_cpu(compute) and batch.dtype == torch.uint8):
        return False
    return isinstance(net.trunk, ScreenCNN) and foreground.fits(net.trunk.convolutions)


def _can_winograd(net: nn.Module, compute: Compute) -> bool:
    return _plain_cpu(compute) and any(WinogradConv2d.fits(module) for module in net.modules())


def _plain_cpu(compute: Compute) -> bool:
    return compute.device == "cpu" and compute.precision == "float32" and compute.channels_last
