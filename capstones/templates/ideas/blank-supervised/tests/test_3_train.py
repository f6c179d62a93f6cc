"""A step goes down the gradient, clears the old one, and many steps overfit sixteen points."""

import torch
from torch import nn

from parts.data import load
from parts.model import Net
from parts.train import gradient_step


def test_a_step_by_hand():
    """Weights 0, one input 1, label 0 of 2: the gradient is (-1/2, 1/2), so lr 1 makes the weights (1/2, -1/2)."""
    net = nn.Linear(1, 2, bias=False)
    nn.init.zeros_(net.weight)
    optimiser = torch.optim.SGD(net.parameters(), lr=1.0)
    net.weight.grad = torch.full((2, 1), 99.0)  # left over from something else
    loss = gradient_step(net, optimiser, torch.ones(1, 1), torch.tensor([0]))
    assert isinstance(loss, float)
    torch.testing.assert_close(torch.tensor(loss), torch.tensor(2.0).log())
    torch.testing.assert_close(net.weight.detach(), torch.tensor([[0.5], [-0.5]]))


def test_it_learns_sixteen_points_by_heart():
    torch.manual_seed(0)
    inputs, labels = (torch.from_numpy(a) for a in load(16, seed=3))
    net = Net(2, 64, 3)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    losses = [gradient_step(net, optimiser, inputs, labels) for _ in range(300)]
    assert losses[-1] < 0.05 < losses[0]
