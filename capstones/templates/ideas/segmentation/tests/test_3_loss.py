"""The loss is the cross-entropy of pixels: by hand, against PyTorch's value and gradient, without overflow."""

import math

import torch
from torch.nn import functional

from parts.loss import pixel_loss


def test_by_hand():
    """Two pixels of two classes; logits (0, log 3) are probabilities (1/4, 3/4), and the labels 0 and 1."""
    logits = torch.tensor([0.0, math.log(3)])[None, :, None, None].expand(1, 2, 1, 2)
    loss = pixel_loss(logits, torch.tensor([[[0, 1]]]))
    assert math.isclose(loss, (math.log(4) + math.log(4 / 3)) / 2, rel_tol=1e-6)


def test_like_the_library_with_its_gradient():
    classes = torch.randint(11, (2, 8, 6), generator=torch.Generator().manual_seed(2))
    mine, theirs = (
        torch.randn(2, 11, 8, 6, generator=torch.Generator().manual_seed(1)).requires_grad_() for _ in range(2)
    )
    a, b = pixel_loss(mine, classes), functional.cross_entropy(theirs, classes)
    a.backward()
    b.backward()
    torch.testing.assert_close(a, b)
    torch.testing.assert_close(mine.grad, theirs.grad)


def test_large_logits_do_not_overflow():
    logits = torch.tensor([1000.0, 0.0])[None, :, None, None]
    assert math.isclose(pixel_loss(logits, torch.tensor([[[1]]])), 1000.0, rel_tol=1e-6)
