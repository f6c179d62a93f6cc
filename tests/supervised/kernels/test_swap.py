"""Replaced modules: the same function, names and order, and safe to copy."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from supervised.kernels.foreground.trunk import ForegroundCNN
from supervised.kernels.learning import for_learning
from supervised.kernels.scale import RoundedScale
from supervised.kernels.winograd.convolution import WinogradConv2d
from supervised.nets.headed import build
from tengen.device import Compute

SCREENS = {"input_shape": [4, 84, 84], "centre": True}
BACKENDS = {
    "rounded scale": ("impala", Compute(precision="bfloat16"), RoundedScale),
    "foreground": ("nature", Compute(foreground=True), ForegroundCNN),
    "foreground in bfloat16": ("small", Compute(precision="bfloat16", foreground=True), RoundedScale),
    "Winograd": ("impala", Compute(winograd_training=True), WinogradConv2d),
}


@pytest.mark.parametrize("name", BACKENDS)
def test_names_order_and_sharing_stay(name: str) -> None:
    kind, compute, replaced = BACKENDS[name]
    spec = {"trunk": {"kind": kind, **SCREENS}, "heads": {"policy": 6, "value": 1}}
    plain, net = Compute().place(build(spec, 1)), build(spec, 1)
    before = dict(net.named_parameters())
    made: Any = for_learning(net, compute)
    assert made is net and any(isinstance(module, replaced) for module in made.modules())
    assert list(made.state_dict()) == list(plain.state_dict())
    assert [n for n, _ in made.named_parameters()] == [n for n, _ in plain.named_parameters()]
    assert all(parameter is before[n] for n, parameter in made.named_parameters())
    for one in (plain, made):
        one.trunk.scale.calibrate(torch.full((84, 84), 100.0), 20.0)  # type: ignore[union-attr,operator]
    again = for_learning(made, compute)  # nothing is replaced twice
    copied = copy.deepcopy(again).requires_grad_(False)  # like DQN's target network
    obs = torch.randint(0, 256, (3, 4, 84, 84), dtype=torch.uint8)
    with compute.autocast():
        expected, out, target = plain(obs), made(obs), copied(obs)
    for head in expected:
        assert torch.allclose(
            out[head].float(), expected[head].float(), atol=2e-2 if "16" in compute.precision else 1e-4
        )
        assert torch.equal(target[head], out[head])
    with torch.no_grad():
        next(iter(made.parameters())).zero_()
    assert next(iter(copied.parameters())).any()  # a copy, not a view
