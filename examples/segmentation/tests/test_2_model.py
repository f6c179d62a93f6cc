"""The network is the one described: shapes, number of weights, and copies that say where things are."""

import torch
from torch import nn

from parts.model import UNet, double_convolution

SCENES = torch.randint(256, (2, 64, 64), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


def silenced(net):
    """Nothing comes up from below any more."""
    for up in net.up:
        nn.init.zeros_(up.weight)
        nn.init.zeros_(up.bias)
    return net


def test_a_double_convolution():
    block = double_convolution(3, 5)
    assert block(torch.randn(2, 3, 16, 12)).shape == (2, 5, 16, 12)
    assert [type(m) for m in block] == 2 * [nn.Conv2d, nn.BatchNorm2d, nn.ReLU]
    assert sum(p.numel() for p in block.parameters()) == 9 * (3 * 5 + 5 * 5) + 2 * 2 * 5


def test_shape_and_number_of_weights():
    net = UNet()
    assert net(SCENES).shape == (2, 11, 64, 64)
    assert net(SCENES[:, :32, :48]).shape == (2, 11, 32, 48), "any multiple of 8 will do"
    assert sum(p.numel() for p in net.parameters()) == 271_823


def test_every_weight_gets_a_gradient():
    torch.manual_seed(0)
    net = UNet()
    net(SCENES).square().sum().backward()
    assert [name for name, p in net.named_parameters() if p.grad is None or not p.grad.abs().sum()] == []


def test_copies_carry_what_is_seen():
    """With nothing from below the copies still tell pixels apart; without the copies nothing does."""
    torch.manual_seed(0)
    with_copies, without = silenced(UNet()).eval(), silenced(UNet(copies=False)).eval()
    assert with_copies(SCENES).var((2, 3)).sum() > 0
    inner = without(SCENES)[:, :, 24:40, 24:40]  # far from the edges, where padding shows
    torch.testing.assert_close(inner, inner[:, :, :1, :1].expand_as(inner), atol=1e-5, rtol=0)


def test_both_kinds_have_the_same_weights():
    shapes = [{name: tuple(p.shape) for name, p in UNet(copies=c).named_parameters()} for c in (True, False)]
    assert shapes[0] == shapes[1]


def test_it_begins_with_the_frequencies():
    torch.manual_seed(0)
    net, counts = UNet(), torch.tensor([900.0] + 10 * [10.0])
    net.begin_with(counts)
    said = net(SCENES).softmax(1).mean((0, 2, 3))
    torch.testing.assert_close(said.detach(), counts / counts.sum(), rtol=0.2, atol=0)
