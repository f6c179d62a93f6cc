"""The network has the layers of the diagram, takes bytes, and treats every example independently."""

import torch
from torch import nn

from parts.model import QNet


def screens(n=3):
    return torch.randint(256, (n, 4, 84, 84), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def test_shape_and_size():
    net = QNet(5)
    assert net(screens()).shape == (3, 5)
    weights = [(4 * 64 + 1) * 16 + 32, (16 * 16 + 1) * 32 + 64, (2592 + 1) * 256 + 512, 257 * 5]
    assert sum(p.numel() for p in net.parameters()) == sum(weights), "convolutions and linear layers have biases"
    assert not any(isinstance(m, nn.BatchNorm2d) for m in net.modules())


def test_bytes_are_scaled():
    torch.manual_seed(0)
    net = QNet(5)
    first = next(m for m in net.modules() if isinstance(m, nn.Conv2d))
    seen = []
    first.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    net(torch.full((1, 4, 84, 84), 255, dtype=torch.uint8))
    assert seen[0].dtype == torch.float32 and seen[0].max() == 1.0


def test_examples_do_not_mix():
    torch.manual_seed(0)
    net, some = QNet(5).train(), screens()
    torch.testing.assert_close(net(some)[:1], net(some[:1]), rtol=1e-4, atol=1e-5)


def test_the_gradient_reaches_every_weight():
    torch.manual_seed(0)
    net = QNet(5)
    net(screens()).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())
