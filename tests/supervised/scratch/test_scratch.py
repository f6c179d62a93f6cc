"""Every from-scratch layer, loss, optimiser and initialisation equals its counterpart in torch, gradients included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from supervised import scratch
from supervised.config import Config
from supervised.data.source import IGNORED
from supervised.nets.headed import build
from supervised.objectives.classification import cross_entropy
from supervised.optim import make_optimiser
from supervised.scratch import convert, dropout, init, norms, optim
from supervised.scratch import losses as scratch_losses

LAYERS: list[tuple[Callable[[], nn.Module], Callable[[], nn.Module], tuple[int, ...]]] = [
    (lambda: norms.BatchNorm2d(6), lambda: nn.BatchNorm2d(6), (5, 6, 4, 3)),
    (lambda: norms.LayerNorm(7), lambda: nn.LayerNorm(7), (5, 2, 7)),
    (lambda: norms.LayerNorm((3, 7)), lambda: nn.LayerNorm((3, 7)), (5, 3, 7)),
    (lambda: norms.GroupNorm(3, 6), lambda: nn.GroupNorm(3, 6), (5, 6, 4, 3)),
    (lambda: norms.GroupNorm(1, 6), lambda: nn.GroupNorm(1, 6), (5, 6)),
]


@pytest.mark.parametrize(("ours", "theirs", "shape"), LAYERS)
def test_norms_equal_the_library_in_value_gradient_and_statistics(
    ours: Callable[[], nn.Module], theirs: Callable[[], nn.Module], shape: tuple[int, ...]
) -> None:
    torch.manual_seed(0)
    one, two = ours(), theirs()
    with torch.no_grad():
        two.weight.normal_()
        two.bias.normal_()
    one.load_state_dict(two.state_dict())  # the same names
    for _ in range(3):  # several steps, for the running statistics
        x = torch.randn(shape) * 3 + 1
        grad = torch.randn(shape)
        results = []
        for layer in (one, two):
            layer.zero_grad()
            inputs = x.clone().requires_grad_()
            out = layer(inputs)
            out.backward(grad)
            results.append((out, inputs.grad, layer.weight.grad, layer.bias.grad))
        for a, b in zip(*results, strict=True):
            assert torch.allclose(a, b, atol=2e-5)
    for name, value in two.state_dict().items():
        assert torch.allclose(one.state_dict()[name], value, atol=1e-5), name
    x = torch.randn(shape)
    assert torch.allclose(one.eval()(x), two.eval()(x), atol=1e-5)


@pytest.mark.parametrize(("ours", "theirs", "shape"), LAYERS)
def test_norms_of_bfloat16_equal_the_library_under_autocast(
    ours: Callable[[], nn.Module], theirs: Callable[[], nn.Module], shape: tuple[int, ...]
) -> None:
    torch.manual_seed(0)
    one, two = ours(), theirs()
    x = (torch.randn(shape) * 3 + 1).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        a, b = one(x), two(x)
    assert a.dtype == b.dtype and torch.allclose(a.float(), b.float(), atol=0.02)
    for (name, ours_), (_, theirs_) in zip(one.named_buffers(), two.named_buffers(), strict=True):
        assert torch.allclose(ours_, theirs_, atol=1e-3), name


def test_batch_norm_by_hand() -> None:
    layer = norms.BatchNorm2d(1, eps=0.0)
    out = layer(torch.tensor([1.0, 3.0]).view(2, 1, 1, 1))
    assert torch.equal(out.flatten(), torch.tensor([-1.0, 1.0]))
    assert layer.running_mean.item() == pytest.approx(0.2)  # 0.9 * 0 + 0.1 * 2
    assert layer.running_var.item() == pytest.approx(1.1)  # 0.9 * 1 + 0.1 * 2, unbiased


def test_dropout_equals_the_library_draw_for_draw() -> None:
    x = torch.randn(100, 50, requires_grad=True)
    ours, theirs = dropout.Dropout(0.3), nn.Dropout(0.3)
    torch.manual_seed(1)
    one = ours(x)
    torch.manual_seed(1)
    two = theirs(x)
    assert torch.allclose(one, two)
    grad = torch.autograd.grad(one.sum(), x)[0]
    assert torch.equal(grad == 0, one == 0) and 0.65 < (one != 0).float().mean() < 0.75
    assert torch.equal(ours.eval()(x), x)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_equals_the_library(smoothing: float) -> None:
    torch.manual_seed(0)
    logits = (torch.randn(9, 5) * 4).requires_grad_()
    target = torch.tensor([0, 1, 2, 3, 4, IGNORED, 0, 1, IGNORED])
    grads = []
    for loss in (scratch_losses.cross_entropy, cross_entropy):
        value = loss(logits, target, smoothing)
        expected = functional.cross_entropy(logits, target, ignore_index=IGNORED, label_smoothing=smoothing)
        assert torch.allclose(value, expected)
        grads.append(torch.autograd.grad(value, logits)[0])
    assert torch.allclose(*grads, atol=1e-7) and (grads[0][5] == 0).all()
    for loss in (scratch_losses.cross_entropy, cross_entropy):  # no targets: zero loss, not NaN
        nothing = loss(logits, torch.full((9,), IGNORED), smoothing)
        assert nothing.item() == 0 and not torch.autograd.grad(nothing, logits)[0].any()


def test_cross_entropy_by_hand_and_far_out() -> None:
    logits = torch.tensor([[0.0, 0.0]], requires_grad=True)
    loss = scratch_losses.cross_entropy(logits, torch.tensor([1]))
    loss.backward()
    assert loss.item() == pytest.approx(0.693147, abs=1e-6) and logits.grad is not None
    assert torch.allclose(logits.grad, torch.tensor([[0.5, -0.5]]))
    assert scratch_losses.cross_entropy(torch.tensor([[1e4, -1e4]]), torch.tensor([1])).item() == 2e4


OPTIMISERS: list[tuple[Callable[..., Any], Callable[..., Any], dict[str, Any]]] = [
    (optim.SGD, torch.optim.SGD, {"lr": 0.1}),
    (optim.SGD, torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}),
    (optim.SGD, torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    (optim.RMSprop, torch.optim.RMSprop, {"lr": 0.01}),
    (optim.RMSprop, torch.optim.RMSprop, {"lr": 0.01, "momentum": 0.9, "weight_decay": 0.1}),
    (optim.Adam, torch.optim.Adam, {"lr": 0.01, "weight_decay": 0.1}),
    (optim.AdamW, torch.optim.AdamW, {"lr": 0.01, "weight_decay": 0.1}),
]


@pytest.mark.parametrize(("ours", "theirs", "options"), OPTIMISERS)
def test_optimisers_take_the_library_s_path(ours: Any, theirs: Any, options: dict[str, Any]) -> None:
    paths = []
    for kind in (ours, theirs):
        torch.manual_seed(3)
        net = nn.Linear(4, 3)
        optimiser = kind(net.parameters(), **options)
        for _ in range(20):
            optimiser.zero_grad()
            (net(torch.randn(8, 4)) - 1).square().mean().backward()
            optimiser.step()
        paths.append(torch.cat([p.detach().flatten() for p in net.parameters()]))
    assert torch.allclose(*paths, atol=1e-5)


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adam", "adamw"])
def test_the_two_impls_mean_the_same_by_every_setting(name: Any) -> None:
    ends = []
    for impl in ("library", "scratch"):
        torch.manual_seed(0)
        net = nn.Linear(4, 3)
        optimiser = make_optimiser(Config(optimiser=name, lr=0.01, weight_decay=0.1, impl=impl), net)  # type: ignore[arg-type]
        for _ in range(10):
            optimiser.zero_grad()
            net(torch.randn(8, 4)).square().mean().backward()
            optimiser.step()
        ends.append(net.weight.detach().clone())
    assert torch.allclose(*ends, atol=1e-5)


def test_initialisations_draw_the_library_s_numbers() -> None:
    pairs: list[tuple[Callable[[torch.Tensor], Any], Callable[[torch.Tensor], Any]]] = [
        (init.xavier_uniform_, nn.init.xavier_uniform_),
        (init.kaiming_normal_, lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu")),
        (
            lambda w: init.kaiming_normal_(w, "out"),
            lambda w: nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"),
        ),
        (lambda w: init.orthogonal_(w, 1.5), lambda w: nn.init.orthogonal_(w, 1.5)),
    ]
    for shape in ((20, 7), (7, 20), (8, 3, 5, 5)):
        for ours, theirs in pairs:
            one, two = torch.empty(shape), torch.empty(shape)
            torch.manual_seed(5)
            ours(one)
            torch.manual_seed(5)
            theirs(two)
            assert torch.allclose(one, two, atol=1e-6)
    w = init.lecun_normal_(torch.empty(300, 400))
    assert w.std().item() == pytest.approx(400**-0.5, rel=0.02)
    q = init.orthogonal_(torch.empty(6, 4))
    assert torch.allclose(q.T @ q, torch.eye(4), atol=1e-5)


def test_a_converted_network_is_the_same_function() -> None:
    assert scratch.__doc__
    spec = {
        "trunk": {"kind": "vgg", "input_shape": [3, 16, 16], "channels": [8, 8], "dropout": 0.5},
        "heads": {"classes": 4},
    }
    one, two = build(spec, 1), build(spec, 1)
    convert.from_scratch(two)
    kinds = {type(m) for m in two.modules()}
    assert norms.BatchNorm2d in kinds and dropout.Dropout in kinds and nn.BatchNorm2d not in kinds
    assert one.state_dict().keys() == two.state_dict().keys()
    x = torch.randint(0, 256, (4, 3, 16, 16), dtype=torch.uint8)
    for mode in (True, False):
        outs = []
        for net in (one, two):
            torch.manual_seed(0)
            outs.append(net.train(mode)(x)["classes"])
        assert torch.allclose(*outs, atol=1e-4)
