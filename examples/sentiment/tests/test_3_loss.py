"""The loss is the cross-entropy, and rows that are too long are shortened."""

import math

import torch
from torch.nn import functional

from parts.loss import cross_entropy, shorten


def test_by_hand():
    """Equal logits: log 2. Logits 0 and log 3: the second class has 3/4, so the first costs log 4."""
    assert math.isclose(cross_entropy(torch.zeros(4, 2), torch.tensor([0, 1, 1, 0])), math.log(2), rel_tol=1e-6)
    logits = torch.tensor([[0.0, math.log(3)]])
    assert math.isclose(cross_entropy(logits, torch.tensor([0])), math.log(4), rel_tol=1e-6)
    assert math.isclose(cross_entropy(logits, torch.tensor([1])), math.log(4 / 3), rel_tol=1e-6)


def test_like_the_library_with_its_gradient():
    labels = torch.randint(3, (32,), generator=torch.Generator().manual_seed(2))
    mine, theirs = (torch.randn(32, 3, generator=torch.Generator().manual_seed(1)).requires_grad_() for _ in range(2))
    a, b = cross_entropy(mine, labels), functional.cross_entropy(theirs, labels)
    a.backward()
    b.backward()
    torch.testing.assert_close(a, b)
    torch.testing.assert_close(mine.grad, theirs.grad)


def test_large_logits_do_not_overflow():
    assert math.isclose(cross_entropy(torch.tensor([[1000.0, 0.0]]), torch.tensor([1])), 1000.0, rel_tol=1e-6)


def test_long_rows_are_shortened():
    """(6, 8) has length 10 and becomes (1.8, 2.4); (1, 2) is short enough; nothing divides by the length 0."""
    weight = torch.tensor([[6.0, 8.0], [1.0, 2.0], [0.0, 0.0]], requires_grad=True)
    assert shorten(weight, 3.0) is None
    torch.testing.assert_close(weight.detach(), torch.tensor([[1.8, 2.4], [1.0, 2.0], [0.0, 0.0]]))
    assert weight[1].tolist() == [1.0, 2.0]
