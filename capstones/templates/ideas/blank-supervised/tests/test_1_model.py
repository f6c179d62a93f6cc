"""The network has the right shape, its gradient reaches every weight, and it is not linear."""

import torch

from parts.model import Net


def test_shape():
    assert Net(2, 8, 3)(torch.zeros(5, 2)).shape == (5, 3)


def test_the_gradient_reaches_every_weight():
    torch.manual_seed(0)
    net = Net(2, 8, 3)
    net(torch.randn(64, 2)).square().sum().backward()
    assert len(list(net.parameters())) == 4, "two weights and two biases"
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


def test_it_is_not_linear():
    torch.manual_seed(0)
    net, x = Net(2, 8, 3), torch.randn(16, 2)
    zero = net(torch.zeros(1, 2))
    assert not torch.allclose(net(x) + net(-x), 2 * zero, atol=1e-4), "a linear network has f(x) + f(-x) = 2 f(0)"
