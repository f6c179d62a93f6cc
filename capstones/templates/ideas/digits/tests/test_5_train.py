"""A step goes down the gradient and clears the old one; many steps overfit sixteen pictures."""

import torch
from torch import nn

from parts.data import load
from parts.model import Net
from parts.optim import Momentum
from parts.train import gradient_step


def test_a_step_by_hand():
    """Weights 0, one input 1, label 0 of 2: the gradient is (-1/2, 1/2), so lr 1 makes the weights (1/2, -1/2)."""
    net = nn.Linear(1, 2, bias=False)
    nn.init.zeros_(net.weight)
    net.weight.grad = torch.full((2, 1), 99.0)  # left over from something else
    loss = gradient_step(net, Momentum(net.parameters(), lr=1.0, momentum=0.0), torch.ones(1, 1), torch.tensor([0]))
    assert isinstance(loss, float)
    torch.testing.assert_close(torch.tensor(loss), torch.tensor(2.0).log())
    torch.testing.assert_close(net.weight.detach(), torch.tensor([[0.5], [-0.5]]))


def test_it_learns_sixteen_pictures_by_heart():
    torch.manual_seed(0)
    digits = load(quick=True, say=lambda text: None)
    pictures, labels = digits.pictures[:16], digits.labels[:16]
    net = Net()
    optimiser = Momentum(net.parameters(), lr=0.05)
    losses = [gradient_step(net, optimiser, pictures, labels) for _ in range(30)]
    assert 1.5 < losses[0] < 4.0, "an untrained network is near log 10 = 2.3 nats"
    assert losses[-1] < 0.05
