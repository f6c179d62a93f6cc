"""Nats per token, by hand and against PyTorch's; gradients are clipped as PyTorch clips them."""

import math

import torch
from torch import nn
from torch.nn import functional

from parts.loss import clip, nats


def test_by_hand():
    """Four equally probable tokens cost log 4 = 1.39 nats each; (0, log 3) are probabilities 1/4 and 3/4."""
    found = nats(torch.zeros(2, 3, 4), torch.zeros(2, 3, dtype=torch.int64))
    torch.testing.assert_close(found, torch.full((2, 3), math.log(4)))
    logits = torch.tensor([0.0, math.log(3)]).expand(1, 2, 2)
    torch.testing.assert_close(nats(logits, torch.tensor([[0, 1]])), torch.tensor([[math.log(4), math.log(4 / 3)]]))


def test_like_the_library_with_its_gradient():
    targets = torch.randint(9, (3, 5), generator=torch.Generator().manual_seed(2))
    mine, theirs = (torch.randn(3, 5, 9, generator=torch.Generator().manual_seed(1)).requires_grad_() for _ in range(2))
    a = nats(mine, targets).mean()
    b = functional.cross_entropy(theirs.flatten(0, 1), targets.flatten())
    a.backward()
    b.backward()
    torch.testing.assert_close(a, b)
    torch.testing.assert_close(mine.grad, theirs.grad)


def test_large_logits_do_not_overflow():
    assert nats(torch.tensor([[[1000.0, 0.0]]]), torch.tensor([[1]])).item() == 1000.0


def test_a_long_gradient_by_hand():
    """(3, 4) and (12): the norm is 13; clipping to 6.5 halves each, and a short gradient does not change."""
    a, b, unused = (nn.Parameter(torch.zeros(n)) for n in (2, 1, 5))
    a.grad, b.grad = torch.tensor([3.0, 4.0]), torch.tensor([12.0])
    assert math.isclose(clip(iter([a, b, unused]), 6.5), 13, rel_tol=1e-6)
    torch.testing.assert_close(a.grad, torch.tensor([1.5, 2.0]))
    torch.testing.assert_close(b.grad, torch.tensor([6.0]))
    assert math.isclose(clip([a, b, unused], 100.0), 6.5, rel_tol=1e-5)
    torch.testing.assert_close(a.grad, torch.tensor([1.5, 2.0]))


def test_clipping_like_the_library():
    nets = [nn.Linear(6, 4) for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    x = torch.randn(8, 6)
    for net in nets:
        net(x).square().sum().backward()
    mine, theirs = clip(nets[0].parameters(), 0.5), nn.utils.clip_grad_norm_(nets[1].parameters(), 0.5)
    assert math.isclose(mine, theirs, rel_tol=1e-5)
    for a, b in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-4, atol=1e-6)
