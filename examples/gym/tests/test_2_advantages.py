"""Advantages: worked out by hand, their two limits, and the effect of an end and of a time limit."""

import torch

from parts.advantages import advantages

T = torch.tensor


def column(*values):
    return T(values, dtype=torch.float32)[:, None]


def go(reward, discount, ended, value, last, gamma=0.5, lam=0.5):
    ends = T(ended, dtype=torch.bool)[:, None]
    found = advantages(column(*reward), column(*discount), ends, column(*value), T([last]), gamma, lam)
    return found.flatten().tolist()


def test_by_hand():
    """gamma = lam = 1/2. delta_1 = 2 + 1/2 * 4 - 1 = 3; delta_0 = 1 + 1/2 * 1 - 2 = -1/2; A_0 = -1/2 + 1/4 * 3."""
    assert go([1, 2], [1, 1], [False, False], [2, 1], 4.0) == [0.25, 3.0]


def test_after_an_end_nothing_follows():
    """Step 0 ends the game: delta_0 = 1 - 2, whatever comes after it."""
    assert go([1, 2], [0, 1], [True, False], [2, 1], 4.0) == [-1.0, 3.0]


def test_a_game_that_is_cut_short_keeps_its_value():
    """Step 0 hits the time limit: V(o_1) still counts, A_1 does not: it belongs to the next game."""
    assert go([1, 2], [1, 1], [True, False], [2, 1], 4.0) == [-0.5, 3.0]


def test_lambda_zero_is_one_step():
    torch.manual_seed(0)
    reward, value, last = torch.randn(6, 3), torch.randn(6, 3), torch.randn(3)
    no_end = torch.zeros(6, 3, dtype=torch.bool)
    found = advantages(reward, torch.ones(6, 3), no_end, value, last, 0.9, 0.0)
    after = torch.cat([value[1:], last[None]])
    torch.testing.assert_close(found, reward + 0.9 * after - value)


def test_lambda_one_is_the_whole_return():
    torch.manual_seed(0)
    reward, value, last = torch.randn(6, 3), torch.randn(6, 3), torch.randn(3)
    no_end = torch.zeros(6, 3, dtype=torch.bool)
    found = advantages(reward, torch.ones(6, 3), no_end, value, last, 0.9, 1.0)
    whole = sum(0.9**t * reward[t] for t in range(6)) + 0.9**6 * last
    torch.testing.assert_close(found[0], whole - value[0])


def test_games_do_not_mix():
    reward = T([[0.0, 5.0], [0.0, 7.0]])
    found = advantages(reward, torch.ones(2, 2), torch.zeros(2, 2, dtype=bool), torch.zeros(2, 2), torch.zeros(2), 1, 1)
    assert found.tolist() == [[0.0, 12.0], [0.0, 7.0]]
