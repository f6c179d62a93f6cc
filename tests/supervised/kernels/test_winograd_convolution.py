"""Trainable Winograd convolutions: the same values and gradients as direct ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional

from supervised.kernels.learning import choose_learning, for_learning
from supervised.kernels.winograd.convolution import WinogradConv2d
from supervised.nets.catalogue import trunk_spec
from supervised.nets.headed import build
from tengen.device import Compute

COMPUTE = Compute(threads=1)
WINOGRAD = replace(COMPUTE, winograd_training=True)


@pytest.mark.parametrize(
    ("pictures", "channels", "outputs", "height", "width"),
    [
        (5, 16, 32, 9, 9),
        (3, 64, 16, 8, 8),
        (2, 16, 16, 32, 32),
        (40, 32, 48, 6, 7),
        (7, 16, 16, 1, 2),
        (1, 16, 16, 4, 4),
    ],
)
@pytest.mark.parametrize("threads", [1, 3])
def test_value_and_gradients(pictures: int, channels: int, outputs: int, height: int, width: int, threads: int) -> None:
    """Against the direct convolution in float64: only rounding errors."""
    torch.manual_seed(0)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        conv = nn.Conv2d(channels, outputs, 3, padding=1, bias=False)
        x = torch.randn(pictures, channels, height, width, requires_grad=True)
        slope = torch.randn(pictures, outputs, height, width)
        y = WinogradConv2d.of(conv)(x)
        found = [y, *torch.autograd.grad(y, (x, conv.weight), slope)]
    finally:
        torch.set_num_threads(before)
    exact = [t.detach().double().requires_grad_() for t in (x, conv.weight)]
    z = functional.conv2d(exact[0], exact[1], padding=1)
    for one, other in zip(found, [z, *torch.autograd.grad(z, exact, slope.double())], strict=True):
        assert one.shape == other.shape
        assert (one - other).abs().max() < 1e-5 * other.abs().max()


def test_in_bfloat16_only_what_is_read_and_written_is_rounded() -> None:
    """Values and gradients are those of the float32 convolution of the same images, rounded once."""
    torch.manual_seed(0)
    conv = nn.Conv2d(32, 16, 3, padding=1)
    x, slope = torch.randn(9, 32, 7, 9).bfloat16().requires_grad_(), torch.randn(9, 16, 7, 9).bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = WinogradConv2d.of(conv)(x)
    found = [y, *torch.autograd.grad(y, (x, conv.weight, conv.bias), slope)]
    exact = x.detach().float().requires_grad_()
    z = conv(exact)
    wanted = [z, *torch.autograd.grad(z, (exact, conv.weight, conv.bias), slope.float())]
    assert [one.dtype for one in found] == [torch.bfloat16, torch.bfloat16, torch.float32, torch.float32]
    for one, other, rounding in zip(found, wanted, (2**-7, 2**-8, 1e-5, 2**-7), strict=True):
        assert (one - other).abs().max() < rounding * other.abs().max()


@pytest.mark.parametrize("name", ["tower16x3", "resnet8", "preact20", "impala"])
def test_a_network_learns_the_same(name: str) -> None:
    """Both ways give the same loss and gradients, under the same names, and something was replaced."""
    shape = (5, 9, 9) if name.startswith("tower") else (3, 32, 32)
    heads = {"policy": 82, "outcome": 3} if name.startswith("tower") else {"classes": 10}
    spec = {"trunk": trunk_spec(name, shape), "heads": heads}
    torch.manual_seed(0)
    x = torch.randint(0, 2, (9, *shape), dtype=torch.uint8)
    found = []
    for compute in (COMPUTE, WINOGRAD):
        net = for_learning(build(spec, seed=1), compute)
        assert any(isinstance(m, WinogradConv2d) for m in net.modules()) == compute.winograd_training
        loss = torch.stack([o.square().mean() for o in net(x).values()]).sum()
        loss.backward()
        found.append((loss.item(), {n: p.grad for n, p in net.named_parameters() if p.grad is not None}))
    (direct, gradients), (winograd, others) = found
    assert winograd == pytest.approx(direct, rel=1e-4)
    assert gradients.keys() == others.keys()
    largest = max(g.abs().max() for g in gradients.values())
    for n, gradient in gradients.items():
        assert (others[n] - gradient).abs().max() < 5e-3 * largest, n


def test_what_cannot_be_replaced_stays() -> None:
    made = [
        nn.Conv2d(16, 16, 3, bias=False),  # no padding
        nn.Conv2d(16, 16, 3, 2, padding=1, bias=False),
        nn.Conv2d(16, 16, 5, padding=1, bias=False),
        nn.Conv2d(18, 16, 3, padding=1, bias=False),
        nn.Conv2d(32, 32, 3, padding=1, bias=False, groups=2),
        nn.Conv2d(16, 16, 3, padding=1, bias=False, padding_mode="reflect"),
    ]
    assert not any(map(WinogradConv2d.fits, made))
    assert all(WinogradConv2d.fits(nn.Conv2d(16, 48, 3, padding=1, bias=bias)) for bias in (True, False))


def test_the_way_is_chosen_or_given() -> None:
    spec = {"trunk": trunk_spec("tower16x2", (5, 9, 9)), "heads": {"policy": 82}}
    x = torch.zeros((8, 5, 9, 9), dtype=torch.int8)
    given = {"threads": 1, "precision": "float32", "layout": "channels-last"}
    assert choose_learning(spec, x, convolutions="direct", **given) == (COMPUTE, {})
    assert choose_learning(spec, x, convolutions="winograd", **given) == (WINOGRAD, {})
    compute, rates = choose_learning(spec, x, **given)
    assert compute in (COMPUTE, WINOGRAD) and rates.keys() == {"direct", "float32, Winograd"}
    nothing_to_replace = {"trunk": trunk_spec("mlp", (4,)), "heads": {"policy": 2}}
    assert not choose_learning(nothing_to_replace, torch.zeros(8, 4), convolutions="winograd")[0].winograd_training
