"""Returns: numbers worked out by hand, they stop at a game's end, gamma 0 leaves the reward."""

import torch

from parts.returns import returns


def test_by_hand():
    """Rewards 1, 2, 4 with gamma 1/2: 4; 2 + 4/2 = 4; 1 + 4/2 = 3."""
    reward, go_on = torch.tensor([[1.0], [2.0], [4.0]]), torch.ones(3, 1)
    assert returns(reward, go_on, 0.5).flatten().tolist() == [3.0, 4.0, 4.0]


def test_the_end_of_a_game_stops_them():
    """The second game of two is longer; the first ended with its second step."""
    reward = torch.tensor([[1.0, 1.0], [1.0, 1.0], [8.0, 1.0]])
    discount = torch.tensor([[1.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
    assert returns(reward, discount, 1.0).tolist() == [[2.0, 3.0], [1.0, 2.0], [8.0, 1.0]]


def test_gamma_zero_leaves_the_reward():
    reward = torch.randn(7, 3)
    torch.testing.assert_close(returns(reward, torch.ones(7, 3), 0.0), reward)
