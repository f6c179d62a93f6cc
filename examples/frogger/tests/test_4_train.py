"""A gradient step by hand; a known optimum reached with a small network; exact resume; the player."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from envs.evaluate import evaluate
from parts import train
from parts.train import Player, Training, gradient_step


def test_a_step_by_hand():
    """Q = (0, 0) everywhere; action 1 should be 4, twice, action 0 -2, once. The loss is (16 + 16 + 4) / 2 / 3 = 6,
    its gradient (2, -8) / 3: lr 0.3 makes Q (-0.2, 0.8)."""
    net = nn.Linear(1, 2, bias=False)
    nn.init.zeros_(net.weight)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.3)
    net.weight.grad = torch.full((2, 1), 99.0)  # left over from something else
    target = torch.tensor([4.0, 4.0, -2.0], requires_grad=True)
    loss = gradient_step(net, optimiser, torch.ones(3, 1), torch.tensor([1, 1, 0]), target)
    assert loss == pytest.approx(6.0) and isinstance(loss, float)
    torch.testing.assert_close(net.weight.detach(), torch.tensor([[-0.2], [0.8]]))
    assert target.grad is None, "the target is a constant: detach it"


def test_a_large_gradient_is_scaled_down():
    net = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(net.weight)
    target = torch.tensor([1e6])
    gradient_step(net, torch.optim.SGD(net.parameters(), lr=1.0), torch.ones(1, 1), torch.tensor([0]), target)
    assert net.weight.item() == pytest.approx(10.0, rel=1e-3)


CONFIG = {"task": "bandit", "seed": 1, "steps": 8000, "games": 16, "length": 8, "epochs": 4, "batch": 32, "lr": 0.05}
CONFIG |= {"gamma": 0.99, "lam": 0.65, "explore": 0.5, "epsilon": 0.05, "release": False}


@pytest.fixture
def small(monkeypatch):
    """A network without screens in place of QNet, for the bandit's four contexts."""
    monkeypatch.setattr(train, "QNet", lambda actions: nn.Linear(4, actions))


def test_it_learns_the_four_arms(small):
    training = Training(CONFIG)
    while training.step < CONFIG["steps"]:
        training.advance()
    assert evaluate(Player(training.net, release=False, epsilon=0.0), "bandit", episodes=64).mean == 1.0


def test_stopped_and_gone_on_with_is_the_same(small):
    one, other = Training(CONFIG), Training(CONFIG)
    for _ in range(3):
        one.advance()
    other.load(copy.deepcopy(one.state()))  # as from a file: no shared tensors
    assert one.advance() == other.advance()


def test_a_few_steps_of_the_game_itself():
    training = Training(CONFIG | {"task": "frogger", "games": 2, "length": 4, "batch": 8, "release": True})
    row = training.advance()
    assert training.step == 16 and row["loss"] >= 0


def test_the_player_lets_go_after_every_decision():
    net = nn.Linear(4, 5)
    nn.init.zeros_(net.weight)
    net.bias.data = torch.tensor([0.0, 1.0, 0.0, 0.0, 0.0])
    player = Player(net, epsilon=0.0)
    assert [player(np.ones((2, 4), np.float32)).tolist() for _ in range(4)] == [[1, 1], [0, 0], [1, 1], [0, 0]]
