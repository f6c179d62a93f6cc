"""A step reads, learns and passes its memory on, without the gradient; many overfit a short text."""

import math

import torch

from parts.model import TextNet
from parts.train import gradient_step, surprise


def test_the_memory_goes_on_and_its_gradient_does_not():
    torch.manual_seed(0)
    net, tokens = TextNet(10, width=4, hidden=6), torch.randint(10, (3, 9))
    expected = net(tokens[:, :-1], net.start(3))[1].detach()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    loss, memory = gradient_step(net, optimiser, tokens, net.start(3))
    assert isinstance(loss, float) and abs(loss - math.log(10)) < 0.5, "an untrained network is near log 10 = 2.3 nats"
    torch.testing.assert_close(memory, expected, msg="the memory after the first T tokens, before the step")
    assert not memory.requires_grad
    gradient_step(net, optimiser, tokens, memory)  # raises if it backpropagates through the first one


def test_a_step_is_no_longer_than_allowed():
    """The gradient is clipped to 1: with plain gradient descent and lr 0.1 the weights move by at most 0.1."""
    torch.manual_seed(0)
    net = TextNet(10, width=4, hidden=6)
    for p in net.parameters():
        p.data.mul_(20)
    before = torch.cat([p.detach().flatten().clone() for p in net.parameters()])
    for p in net.parameters():
        p.grad = torch.full_like(p, 99.0)  # left over from something else
    gradient_step(net, torch.optim.SGD(net.parameters(), lr=0.1), torch.randint(10, (3, 9)), net.start(3))
    moved = (torch.cat([p.detach().flatten() for p in net.parameters()]) - before).norm()
    assert 0 < moved <= 0.1 + 1e-4


def test_it_learns_a_short_text_by_heart():
    torch.manual_seed(0)
    text = torch.tensor([int(c) for c in "31415926535897932384626433832795"])
    net = TextNet(10, width=16, hidden=64)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    losses = [gradient_step(net, optimiser, text[None], net.start(1))[0] for _ in range(150)]
    assert losses[-1] < 0.1
    assert surprise(net, text.numpy(), pieces=1).mean() < 0.1
