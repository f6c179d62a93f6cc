"""The learning rate follows its schedule, and a step equals PyTorch's."""

import math

import torch
from torch import nn

from parts.optim import Momentum, learning_rate


def test_the_learning_rate_by_hand():
    rates = [learning_rate(step, 100, 1.0, 0.2) for step in (0, 10, 20, 60, 100)]
    assert all(math.isclose(a, b, abs_tol=1e-9) for a, b in zip(rates, (0, 0.5, 1, 0.5, 0), strict=True))
    quarter = (1 + math.cos(math.pi / 4)) / 2  # a quarter of the way down
    assert math.isclose(learning_rate(40, 100, 3.0, 0.2), 3 * quarter)


def test_without_warm_up_it_begins_at_its_highest():
    assert math.isclose(learning_rate(0, 10, 0.3, 0.0), 0.3)


def test_a_step_by_hand():
    """w = 1, gradient 2, lr 0.1, momentum 0.5: v = 2, w = 1 - 0.1 (2 + 1) = 0.7; then v = 3, w = 0.35."""
    w = nn.Parameter(torch.tensor([1.0]))
    optimiser = Momentum([w], lr=0.1, momentum=0.5)
    for expected in (0.7, 0.35):
        w.grad = torch.tensor([2.0])
        optimiser.step()
        torch.testing.assert_close(w.detach(), torch.tensor([expected]))
    assert w.grad.item() == 2.0, "the gradient itself must stay as it is"


def test_ten_steps_like_the_library():
    nets = []
    for make in (Momentum, lambda p, **k: torch.optim.SGD(p, nesterov=True, **k)):
        torch.manual_seed(0)
        net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
        optimiser = make(net.parameters(), lr=0.05, momentum=0.9, weight_decay=0.01)
        x = torch.randn(16, 4)
        for _ in range(10):
            optimiser.zero_grad()
            net(x).square().mean().backward()
            optimiser.step()
        nets.append(net)
    for mine, theirs in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        torch.testing.assert_close(mine, theirs)


def test_a_parameter_without_a_gradient_is_left_alone():
    w = nn.Parameter(torch.tensor([1.0]))
    Momentum([w], lr=0.1, weight_decay=0.5).step()
    assert w.item() == 1.0
