"""The model: by hand, antisymmetric, Elo's with rank 0, and able to represent rock, paper and scissors."""

import math

import torch

from parts.model import Ratings

T = torch.tensor


def test_by_hand():
    """s = (1, 3), u = (2, 5), v = (7, 11): 1 - 3 + 2 * 11 - 7 * 5 = -15."""
    model = Ratings(2, 1)
    model.strength.data, model.u.data, model.v.data = T([1.0, 3.0]), T([[2.0], [5.0]]), T([[7.0], [11.0]])
    assert model(T([0]), T([1])).tolist() == [-15.0]
    assert model(T([1, 0]), T([0, 0])).tolist() == [15.0, 0.0]


def test_the_start():
    torch.manual_seed(0)
    model = Ratings(500, 2)
    assert model.strength.shape == (500,) and model.strength.abs().max() == 0
    assert model.u.shape == model.v.shape == (500, 2)
    assert abs(model.u.std().item() - 0.1) < 0.02 and abs(model.v.std().item() - 0.1) < 0.02
    assert len(list(model.parameters())) == 3


def test_who_changes_places_changes_the_sign():
    torch.manual_seed(0)
    model = Ratings(6, 3)
    model.strength.data.normal_()
    first, second = torch.randint(6, (50,)), torch.randint(6, (50,))
    torch.testing.assert_close(model(first, second), -model(second, first))


def test_rank_zero_is_elo():
    model = Ratings(3, 0)
    model.strength.data = T([0.0, 1.0, 2.0])
    odds = model.chances().logit()
    torch.testing.assert_close(odds[0, 1] + odds[1, 2], odds[0, 2])


def test_rock_paper_scissors_fit_on_a_circle():
    """At angles of 0, 120 and 240 degrees: each beats the one before it with a log-odds of sin 120."""
    model = Ratings(3, 1)
    angle = T([0.0, 120.0, 240.0]) * math.pi / 180
    model.u.data, model.v.data = angle.sin()[:, None], angle.cos()[:, None]
    odds = model.chances().logit()
    expected = math.sin(math.pi * 2 / 3)
    for winner, loser in ((0, 2), (2, 1), (1, 0)):  # rock, scissors; scissors, paper; paper, rock
        assert abs(odds[winner, loser].item() - expected) < 1e-5
