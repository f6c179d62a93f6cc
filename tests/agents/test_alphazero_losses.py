"""AlphaZero's losses: hand-computed values, minima, no gradient without a target."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from agents.alphazero import losses
from supervised.data.source import IGNORED
from supervised.objectives.classification import cross_entropy


def test_policy_loss_is_least_at_the_target_and_is_its_entropy_there() -> None:
    pi = torch.tensor([[0.75, 0.25, 0.0], [1.0, 0.0, 0.0]])
    expected = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25)) / 2
    assert losses.entropy(pi).item() == pytest.approx(expected, abs=1e-6)
    logits = pi.clamp(min=1e-9).log().requires_grad_()
    loss = losses.policy_loss(logits, pi)
    assert loss.item() == pytest.approx(expected, abs=1e-5)
    loss.backward()
    assert logits.grad is not None and logits.grad.abs().max() < 1e-6


def test_ignored_and_uncounted_positions_carry_no_gradient() -> None:
    logits = torch.randn(3, 3, requires_grad=True)
    cross_entropy(logits, torch.tensor([0, IGNORED, 2])).backward()
    assert logits.grad is not None and not logits.grad[1].any() and logits.grad[0].any()
    owner = torch.zeros(2, 2, 2, requires_grad=True)
    target, counted = torch.ones(2, 2, 2), torch.tensor([True, False])
    mask = torch.ones(2, 2, 2)
    mask[0, 1, 1] = 0
    loss = losses.ownership_loss(owner, target, counted, mask)
    assert loss.item() == pytest.approx(np.log(2), abs=1e-6)  # p = 1/2 everywhere
    loss.backward()
    assert owner.grad is not None and not owner.grad[1].any() and owner.grad[0, 1, 1] == 0
    score = torch.tensor([3.0, 50.0], requires_grad=True)
    loss = losses.score_loss(score, torch.tensor([1.0, 0.0]), counted)
    assert loss.item() == pytest.approx(2.0)  # Huber: 2² / 2
    nothing = losses.score_loss(score, score.detach(), torch.tensor([False, False]))
    assert nothing.item() == 0
