"""A step goes down the gradient and clears the old one; many steps overfit two scenes."""

import torch
from torch import nn

from parts.data import CLASSES, load, scenes
from parts.model import UNet
from parts.train import gradient_step, score


def test_a_step_by_hand():
    """Weights 0, one pixel 1, class 0 of 2: the gradient is (-1/2, 1/2), so lr 1 makes the weights (1/2, -1/2)."""
    net = nn.Conv2d(1, 2, 1, bias=False)
    nn.init.zeros_(net.weight)
    net.weight.grad = torch.full((2, 1, 1, 1), 99.0)  # left over from something else
    optimiser = torch.optim.SGD(net.parameters(), lr=1.0)
    loss = gradient_step(net, optimiser, torch.ones(1, 1, 1, 1), torch.zeros(1, 1, 1, dtype=torch.int64))
    assert isinstance(loss, float)
    torch.testing.assert_close(torch.tensor(loss), torch.tensor(2.0).log())
    torch.testing.assert_close(net.weight.detach().flatten(), torch.tensor([0.5, -0.5]))


def test_it_learns_two_scenes_by_heart():
    torch.manual_seed(0)
    some = scenes(load(quick=True, say=lambda text: None).train, 2, seed=1)
    net = UNet(channels=(8, 16, 32))
    net.begin_with(torch.bincount(some[1].flatten(), minlength=len(CLASSES)) + 1)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    losses = [gradient_step(net, optimiser, *some) for _ in range(60)]
    assert losses[0] < 1.0, "it begins with the frequencies: less than log 11 = 2.4 nats"
    assert losses[-1] < 0.2
    assert score(net, some) > 0.5
