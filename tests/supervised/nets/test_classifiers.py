"""The classifier networks: sizes from the papers, shapes, gradients, modes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from supervised.nets.catalogue import names, trunk_spec
from supervised.nets.headed import HeadedNet, build
from supervised.nets.resnet import Block, Shortcut


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def classifier(name: str, shape: tuple[int, int, int], classes: int = 10) -> HeadedNet:
    return build({"trunk": trunk_spec(name, shape), "heads": {"classes": classes}}, seed=1)


@pytest.mark.parametrize(
    ("name", "shape", "classes", "weights"),
    [
        ("lenet", (1, 28, 28), 10, 156 + 2416 + 48120 + 10164 + 850),  # LeCun 1998, with a full second layer
        ("resnet20", (3, 32, 32), 10, 269_722),  # He 2015, table 6: 0.27 M
        ("resnet56", (3, 32, 32), 10, 853_018),  # 0.85 M
        ("resnet110", (3, 32, 32), 10, 1_727_962),  # 1.7 M
        ("resnet18", (3, 64, 64), 1000, 11_689_512),
        ("resnet34", (3, 64, 64), 1000, 21_797_672),
        ("resnet50", (3, 64, 64), 1000, 25_557_032),
    ],
)
def test_weights_are_as_many_as_published(name: str, shape: tuple[int, int, int], classes: int, weights: int) -> None:
    assert count(classifier(name, shape, classes)) == weights


def test_every_name_makes_a_network_whose_every_weight_learns() -> None:
    for name in names("anything", "screens", "pictures"):
        if name in ("resnet101", "resnet110", "preact110", "resnet56", "preact56", "resnet44", "preact44"):
            continue  # the same code, just deeper
        shape = (4, 84, 84) if name in ("small", "nature", "impala") else (3, 32, 32)
        net = classifier(name, shape)
        out = net(torch.randint(0, 256, (4, *shape), dtype=torch.uint8))["classes"]
        assert out.shape == (4, 10)
        out.square().sum().backward()
        learned = [(n, p) for n, p in net.named_parameters() if p.requires_grad]
        assert [n for n, p in learned if p.grad is None or not p.grad.any()] == [], name


@pytest.mark.parametrize("name", ["lenet", "resnet20", "preact20", "vgg", "airbench"])
def test_a_classifier_overfits_one_batch_and_tests_without_batch_statistics(name: str) -> None:
    torch.manual_seed(0)
    net = classifier(name, (3, 32, 32))
    x, y = torch.randint(0, 256, (16, 3, 32, 32), dtype=torch.uint8), torch.arange(16) % 10
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(40):
        loss = nn.functional.cross_entropy(net(x)["classes"], y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.2
    net.eval()
    alone = torch.cat([net(one[None])["classes"] for one in x])
    assert torch.allclose(alone, net(x)["classes"], atol=1e-3)
    assert torch.equal(net(x)["classes"], net(x)["classes"])


def test_airbench_sees_patches_whitened_and_keeps_its_stem() -> None:
    torch.manual_seed(0)
    smooth = nn.functional.interpolate(torch.rand(64, 3, 4, 4), 32, mode="bilinear")
    pictures = (255 * smooth + 20 * torch.rand(64, 3, 32, 32)).clamp(0, 255).byte()
    net = classifier("airbench", (3, 32, 32))
    trunk: Any = net.trunk
    values = pictures.float() / 255
    trunk.normalise.calibrate(values.mean((0, 2, 3)), values.std((0, 2, 3)))
    trunk.whiten(pictures)
    seen = trunk.whitening(trunk.normalise(pictures))  # [64, 24, 31, 31]
    assert torch.allclose(seen[:, :12], -seen[:, 12:], atol=1e-5)
    spread = torch.cov(seen[:, :12].transpose(0, 1).flatten(1))
    assert torch.allclose(spread - spread.diag().diag(), torch.zeros(12, 12), atol=1e-2)
    assert (spread.diag() < 1.001).all() and spread[0, 0] > 0.99  # the 5e-4 matters only in the weakest directions
    before = trunk.whitening.weight.clone()
    net(pictures)["classes"].sum().backward()
    assert trunk.whitening.weight.grad is None and torch.equal(before, trunk.whitening.weight)


def test_airbench_starts_as_the_identity_of_what_comes_in() -> None:
    trunk: Any = classifier("airbench", (3, 32, 32)).trunk
    x = torch.rand(2, 24, 8, 8)
    assert torch.allclose(trunk.layers[1](x)[:, :24], x, atol=1e-6)


def test_option_a_shortcut_by_hand() -> None:
    x = torch.arange(16.0).view(1, 1, 4, 4)
    out = Shortcut(1, 3, 2)(x)
    assert out.shape == (1, 3, 2, 2) and torch.equal(out[0, 0], torch.tensor([[0.0, 2.0], [8.0, 10.0]]))
    assert not out[0, 1:].any()


@pytest.mark.parametrize("preact", [False, True])
def test_a_block_whose_branch_is_zero_is_the_identity(preact: bool) -> None:
    block = Block(4, 4, 1, bottleneck=False, preact=preact, projected=False).eval()
    nn.init.zeros_(block.convs[1].weight)  # type: ignore[arg-type]
    x = torch.randn(2, 4, 5, 5)
    assert torch.allclose(block(x), x if preact else x.relu())
