"""Folded norms: the same function without norm layers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from supervised.kernels.fold import folded
from supervised.nets.tower import BoardNorm
from supervised.scratch.convert import from_scratch
from tests.supervised.nets.test_boards import board_net, planes
from tests.supervised.nets.test_classifiers import classifier


@pytest.mark.parametrize("name", ["resnet20", "vgg", "preact20", "airbench"])
def test_a_folded_classifier_is_the_same_function(name: str) -> None:
    torch.manual_seed(0)
    net = classifier(name, (3, 32, 32))
    x = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8)
    for _ in range(3):
        net(x)
    playing = folded(net)
    assert torch.allclose(playing(x)["classes"], net.eval()(x)["classes"], atol=1e-3)
    norms = [m for m in playing.modules() if isinstance(m, nn.BatchNorm2d)]
    assert (norms == []) == (name not in ("preact20", "airbench"))  # there a norm may follow other layers


@pytest.mark.parametrize("name", ["resnet20", "vgg"])
def test_norms_written_from_scratch_stay(name: str) -> None:
    torch.manual_seed(0)
    net = from_scratch(classifier(name, (3, 32, 32)))
    x = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8)
    net(x)
    assert torch.allclose(folded(net)(x)["classes"], net.eval()(x)["classes"], atol=1e-4)  # type: ignore[arg-type]


@pytest.mark.parametrize("masked", [False, True])
def test_a_folded_tower_is_the_same_function_without_norms(masked: bool) -> None:
    torch.manual_seed(0)
    net = board_net(masked)
    for module in net.modules():
        if isinstance(module, BoardNorm):  # as after training
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
    for _ in range(3):
        net(planes(32))
    playing = folded(net)
    assert not [m for m in playing.modules() if isinstance(m, nn.BatchNorm2d)]
    x = planes(4, 4) if masked else planes(4)
    for name, value in net.eval()(x).items():
        assert torch.allclose(playing(x)[name], value, atol=1e-3), name
