"""Losses against hand-computed values, and gradients that must be zero."""

import math

import pytest
import torch

from agents.common.losses import (
    clipped_surrogate,
    entropy,
    huber,
    log_prob,
    masked_mean,
    policy_gradient,
    squared_error,
)


def test_masked_mean() -> None:
    assert masked_mean(torch.tensor([1.0, 5.0, 9.0]), torch.tensor([True, False, True])) == 5
    assert masked_mean(torch.tensor([1.0]), torch.tensor([False])) == 0


def test_log_prob_and_entropy() -> None:
    logits = torch.tensor([[0.0, math.log(3.0)]])
    assert log_prob(logits, torch.tensor([1])).item() == pytest.approx(math.log(0.75))
    assert entropy(torch.zeros(1, 4)).item() == pytest.approx(math.log(4))


@pytest.mark.parametrize(
    ("ratio", "advantage", "loss", "slope"),
    [
        (1.5, 2.0, -2.4, 0.0),  # clipped: the policy has moved far enough
        (1.1, 2.0, -2.2, -2.0),
        (0.5, 2.0, -1.0, -2.0),  # moved the wrong way: never clipped
        (0.5, -2.0, 1.6, 0.0),
        (1.5, -2.0, 3.0, 2.0),
    ],
)
def test_clipped_surrogate(ratio: float, advantage: float, loss: float, slope: float) -> None:
    r = torch.tensor([ratio], requires_grad=True)
    value = clipped_surrogate(r, torch.tensor([advantage]), 0.2, torch.tensor([True]))
    value.backward()
    assert value.item() == pytest.approx(loss) and r.grad is not None and r.grad.item() == pytest.approx(slope)


def test_no_gradient_through_targets_or_masked_rows() -> None:
    prediction, target = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, 9.0], requires_grad=True)
    loss = squared_error(prediction, target, torch.tensor([True, False]))
    loss.backward()
    assert loss.item() == 2.0 and prediction.grad is not None
    assert prediction.grad.tolist() == [-2.0, 0.0] and target.grad is None
    log_pi, advantage = torch.tensor([-1.0, -2.0], requires_grad=True), torch.tensor([2.0, 4.0], requires_grad=True)
    rows = policy_gradient(log_pi, advantage)
    rows.mean().backward()
    assert rows.tolist() == [2.0, 8.0] and advantage.grad is None and log_pi.grad is not None
    assert log_pi.grad.tolist() == [-1.0, -2.0]


def test_huber() -> None:
    assert huber(torch.tensor([0.5, -3.0])).tolist() == [0.125, 2.5]
