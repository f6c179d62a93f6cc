"""The loss is the cross-entropy: by hand, against PyTorch's value and gradient, without overflow."""

import math

import pytest
import torch
from torch.nn import functional

from parts.loss import cross_entropy


def test_by_hand():
    """Equal logits of 10 classes: log 10, whatever the smoothing. Logits 0 and log 3: probabilities 1/4 and 3/4."""
    for smoothing in (0.0, 0.1):
        loss = cross_entropy(torch.zeros(4, 10), torch.tensor([0, 1, 2, 9]), smoothing)
        assert math.isclose(loss, math.log(10), rel_tol=1e-6)
    logits = torch.tensor([[0.0, math.log(3)]])
    assert math.isclose(cross_entropy(logits, torch.tensor([0])), math.log(4), rel_tol=1e-6)
    half = 0.75 * math.log(4 / 3) + 0.25 * math.log(4)  # smoothing 0.5: q = (1/4, 3/4)
    assert math.isclose(cross_entropy(logits, torch.tensor([1]), 0.5), half, rel_tol=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_like_the_library_with_its_gradient(smoothing):
    labels = torch.randint(10, (32,), generator=torch.Generator().manual_seed(2))
    mine, theirs = (torch.randn(32, 10, generator=torch.Generator().manual_seed(1)).requires_grad_() for _ in range(2))
    a = cross_entropy(mine, labels, smoothing)
    b = functional.cross_entropy(theirs, labels, label_smoothing=smoothing)
    a.backward()
    b.backward()
    torch.testing.assert_close(a, b)
    torch.testing.assert_close(mine.grad, theirs.grad)


def test_large_logits_do_not_overflow():
    assert math.isclose(cross_entropy(torch.tensor([[1000.0, 0.0]]), torch.tensor([1])), 1000.0, rel_tol=1e-6)
    assert cross_entropy(torch.tensor([[-1000.0, 0.0]]), torch.tensor([1])) == 0
