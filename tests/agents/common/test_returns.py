"""Returns against hand-computed values and limiting cases; nothing leaks across episode ends."""

import pytest
import torch

from agents.common.returns import discounted_sum, gae, lambda_returns, standardised

ALL = torch.ones(3, 1, dtype=torch.bool)


def column(*values: float) -> torch.Tensor:
    return torch.tensor(values)[:, None]  # [T, 1]


def test_gae_by_hand() -> None:
    """gamma 0.9, lambda 0.5: delta = (1.9, 2.8, 0.6) - V..., each written out."""
    value = column(1.0, 2.0, 3.0, 4.0)
    advantage = gae(column(1.0, 2.0, 3.0), column(0.9, 0.9, 0.9), value, ALL, 0.5)
    d = [1 + 0.9 * 2 - 1, 2 + 0.9 * 3 - 2, 3 + 0.9 * 4 - 3]  # 1.8, 2.7, 3.6
    a2 = d[2]
    a1 = d[1] + 0.45 * a2
    a0 = d[0] + 0.45 * a1
    assert advantage.flatten().tolist() == pytest.approx([a0, a1, a2])
    assert a0 == pytest.approx(3.744)


def test_gae_limits() -> None:
    reward, value = torch.randn(3, 2), torch.randn(4, 2)
    discount, valid = torch.full((3, 2), 0.9), torch.ones(3, 2, dtype=torch.bool)
    one_step = reward + discount * value[1:] - value[:-1]
    assert torch.allclose(gae(reward, discount, value, valid, 0.0), one_step)
    monte_carlo = reward[0] + 0.9 * reward[1] + 0.81 * reward[2] + 0.729 * value[3] - value[0]
    assert torch.allclose(gae(reward, discount, value, valid, 1.0)[0], monte_carlo, atol=1e-5)


@pytest.mark.parametrize("terminated", [True, False])
def test_nothing_crosses_an_ignored_row(terminated: bool) -> None:
    """Row 1 ends a game, row 2 is ignored: nothing after row 2 may affect row 1."""
    discount = column(0.9, 0.0 if terminated else 0.9, 0.9, 0.9)
    valid = torch.tensor([[True], [True], [False], [True]])
    value = column(1.0, 2.0, 5.0, 7.0, 1.0)
    results = []
    for later in (0.0, 1000.0):
        advantage = gae(column(0.0, 1.0, 0.0, later), discount, value, valid, 0.95)
        results.append(advantage[:3].flatten().tolist())
    assert results[0] == results[1] and results[0][2] == 0
    assert results[0][1] == pytest.approx(1 + (0 if terminated else 0.9 * 5) - 2)  # a truncated game bootstraps


def test_lambda_returns_by_hand_and_limits() -> None:
    reward, next_value = column(1.0, 2.0, 3.0), column(10.0, 20.0, 30.0)
    discount = column(0.5, 0.5, 0.5)
    g2 = 3 + 0.5 * 30
    g1 = 2 + 0.5 * (0.75 * 20 + 0.25 * g2)
    g0 = 1 + 0.5 * (0.75 * 10 + 0.25 * g1)
    assert lambda_returns(reward, discount, next_value, ALL, 0.25).flatten().tolist() == pytest.approx([g0, g1, g2])
    assert torch.allclose(lambda_returns(reward, discount, next_value, ALL, 0.0), reward + 0.5 * next_value)
    assert lambda_returns(reward, discount, next_value, ALL, 1.0)[0, 0] == pytest.approx(1 + 1 + 0.75 + 0.125 * 30)


def test_lambda_returns_stop_at_an_ignored_row() -> None:
    valid = torch.tensor([[True], [False], [True]])
    returns = lambda_returns(column(1.0, 0.0, 1000.0), column(0.5, 0.5, 0.5), column(8.0, 9.0, 9.0), valid, 0.9)
    assert returns[0, 0] == 1 + 0.5 * 8


def test_monte_carlo_sum() -> None:
    assert discounted_sum(column(1.0, 0.0, 2.0), column(0.5, 0.5, 0.5)).flatten().tolist() == [1.5, 1.0, 2.0]
    assert discounted_sum(column(1.0, 0.0, 2.0), column(0.5, 0.0, 0.5)).flatten().tolist() == [1.0, 0.0, 2.0]


def test_standardised() -> None:
    assert standardised(torch.tensor([1.0, 2.0, 3.0])).tolist() == pytest.approx([-1, 0, 1])
    assert standardised(torch.tensor([5.0])).tolist() == [5.0]
