"""The losses: by hand, against PyTorch's, and without overflow."""

import math

import torch
from torch.nn import functional

from parts.loss import policy_loss, value_loss

T = torch.tensor


def test_policy_loss_by_hand():
    """p = (1/4, 3/4) and half of the visits each: -(log 1/4 + log 3/4) / 2."""
    logits = T([[0.0, math.log(3)]])
    expected = -(math.log(1 / 4) + math.log(3 / 4)) / 2
    assert math.isclose(policy_loss(logits, T([[0.5, 0.5]])).item(), expected, rel_tol=1e-6)
    assert math.isclose(policy_loss(torch.zeros(5, 7), torch.eye(7)[:5]).item(), math.log(7), rel_tol=1e-6)


def test_policy_loss_is_the_librarys():
    torch.manual_seed(0)
    policy = torch.rand(16, 7).softmax(1)
    mine, theirs = (torch.randn(16, 7, generator=torch.Generator().manual_seed(1)).requires_grad_() for _ in "ab")
    a, b = policy_loss(mine, policy), functional.cross_entropy(theirs, policy)
    a.backward()
    b.backward()
    torch.testing.assert_close(a, b)
    torch.testing.assert_close(mine.grad, theirs.grad)


def test_large_logits_do_not_overflow():
    assert policy_loss(T([[1000.0, 0.0]]), T([[0.0, 1.0]])).item() == 1000.0


def test_value_loss_by_hand():
    assert value_loss(T([1.0, 0.0]), T([-1.0, 1.0])).item() == 2.5  # (4 + 1) / 2
