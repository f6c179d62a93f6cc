"""The log-loss: by hand, against PyTorch's, with draws, and without overflow."""

import math

import torch
from torch.nn import functional

from parts.loss import log_loss

T = torch.tensor


def test_by_hand():
    """Log-odds of log 3 are a probability of 3/4: a win costs log 4/3, a loss log 4, a draw the mean of the two."""
    logit = T([math.log(3)])
    for score, cost in ((1.0, math.log(4 / 3)), (0.0, math.log(4)), (0.5, (math.log(4 / 3) + math.log(4)) / 2)):
        assert math.isclose(log_loss(logit, T([score])).item(), cost, rel_tol=1e-6)


def test_like_the_library_and_its_gradient():
    torch.manual_seed(0)
    score = torch.randint(3, (40,)) / 2
    mine, theirs = (torch.randn(40, generator=torch.Generator().manual_seed(1)).requires_grad_() for _ in "ab")
    a, b = log_loss(mine, score), functional.binary_cross_entropy_with_logits(theirs, score)
    a.backward()
    b.backward()
    torch.testing.assert_close(a, b)
    torch.testing.assert_close(mine.grad, theirs.grad)


def test_large_logits_do_not_overflow():
    assert log_loss(T([1000.0, -1000.0]), T([0.0, 1.0])).item() == 1000.0
    assert log_loss(T([1000.0, -1000.0]), T([1.0, 0.0])).item() == 0.0
