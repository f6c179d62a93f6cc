"""Lambda-returns: by hand, at both limits, and across the end of a game, a lost life and a time limit."""

import torch

from parts.returns import lambda_returns


def go(reward, discount, ended, best, gamma=0.5, lam=0.5):
    column = [torch.tensor(x, dtype=torch.float32)[:, None] for x in (reward, discount, best)]
    ends = torch.tensor(ended)[:, None]
    return lambda_returns(column[0], column[1], ends, column[2], gamma, lam).flatten().tolist()


def test_by_hand():
    """gamma = lam = 1/2. G_1 = 2 + 4/2 = 4; G_0 = 1 + (4/2 + 6/2) / 2 = 3.5."""
    assert go([1, 2], [1, 1], [False, False], [6, 4]) == [3.5, 4.0]


def test_after_an_end_nothing_follows():
    assert go([1, 2], [0, 1], [True, False], [6, 4]) == [1.0, 4.0]


def test_a_lost_life_is_an_end_for_values_only():
    """The game goes on (ended is False), but later rewards are not due to earlier actions."""
    assert go([1, 2], [0, 1], [False, False], [6, 4]) == [1.0, 4.0]


def test_a_game_that_is_cut_short_keeps_what_is_expected():
    """G_1 belongs to another game; next_best is the prediction when this one was cut short: 1 + 6/2."""
    assert go([1, 2], [1, 1], [True, False], [6, 4]) == [4.0, 4.0]


def test_lambda_zero_is_one_step_and_lambda_one_what_was_seen():
    torch.manual_seed(0)
    reward, best, ones = torch.randn(6, 3), torch.randn(6, 3), torch.ones(6, 3)
    going = torch.zeros(6, 3, dtype=torch.bool)
    torch.testing.assert_close(lambda_returns(reward, ones, going, best, 0.9, 0.0), reward + 0.9 * best)
    seen = sum(0.9**t * reward[t] for t in range(6)) + 0.9**6 * best[5]
    torch.testing.assert_close(lambda_returns(reward, ones, going, best, 0.9, 1.0)[0], seen)
