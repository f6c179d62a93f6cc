"""The loss is the cross-entropy: numbers worked out by hand, PyTorch's values, and no overflow."""

import math

import torch
from torch.nn import functional

from parts.loss import cross_entropy


def test_by_hand():
    """Equal logits: log 3. Logits 0 and log 3: the second class has 3/4, so the first costs log 4."""
    assert math.isclose(cross_entropy(torch.zeros(4, 3), torch.tensor([0, 1, 2, 0])), math.log(3), rel_tol=1e-6)
    logits = torch.tensor([[0.0, math.log(3)]])
    assert math.isclose(cross_entropy(logits, torch.tensor([0])), math.log(4), rel_tol=1e-6)
    assert math.isclose(cross_entropy(logits, torch.tensor([1])), math.log(4 / 3), rel_tol=1e-6)


def test_like_the_library_and_its_gradient():
    torch.manual_seed(0)
    labels = torch.randint(5, (32,))
    mine, theirs = (torch.randn(32, 5, generator=torch.Generator().manual_seed(1)).requires_grad_() for _ in range(2))
    a, b = cross_entropy(mine, labels), functional.cross_entropy(theirs, labels)
    a.backward()
    b.backward()
    torch.testing.assert_close(a, b)
    torch.testing.assert_close(mine.grad, theirs.grad)


def test_large_logits_do_not_overflow():
    assert math.isclose(cross_entropy(torch.tensor([[1000.0, 0.0]]), torch.tensor([1])), 1000.0, rel_tol=1e-6)
