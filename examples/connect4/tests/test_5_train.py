"""A step learns, norms included; an interrupted run resumes where it stopped; and the network can play at a board."""

import copy

import numpy as np
import player
import torch

from capstones import match
from parts.game import GAME, position
from parts.model import Net
from parts.train import Training, gradient_step

CONFIG = {"seed": 1, "steps": 2000, "channels": 8, "blocks": 1, "games": 8, "simulations": 8, "keep": 300}
CONFIG |= {"batch": 32, "reuse": 2, "lr": 0.05, "weight_decay": 1e-4}


def test_it_learns_a_few_positions_by_heart():
    torch.manual_seed(0)
    net = Net(16, 1)
    states = np.concatenate([position(m) for m in ("", "4", "44", "445", "1", "12", "7654", "321")])
    planes = torch.from_numpy(GAME.encode(states))
    policy, value = torch.eye(7)[[3, 3, 2, 6, 0, 5, 1, 4]], torch.tensor([1.0, -1, 1, -1, 0, 0, 1, -1])
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    net.eval()  # as an evaluation leaves it
    losses = [gradient_step(net, optimiser, planes, policy, value) for _ in range(150)]
    assert net.training, "a step in evaluation mode leaves the running averages of the norms where they are"
    assert losses[0][0] > 1.5 and losses[-1][0] < 0.1 and losses[-1][1] < 0.1
    assert all(isinstance(loss, float) for loss in losses[0])


def test_the_old_gradient_is_forgotten():
    torch.manual_seed(0)
    net = Net(8, 1)
    for p in net.parameters():
        p.grad = torch.full_like(p, 1e6)
    before = [p.detach().clone() for p in net.parameters()]
    planes = torch.from_numpy(GAME.encode(np.concatenate([position(m) for m in ("", "4", "44")])))
    gradient_step(net, torch.optim.SGD(net.parameters(), lr=1e-3), planes, torch.eye(7)[:3], torch.zeros(3))
    assert max((p - q).abs().max() for p, q in zip(net.parameters(), before, strict=True)) < 1


def test_stopped_and_gone_on_with_is_the_same():
    one, other = Training(CONFIG), Training(CONFIG)
    one.advance()
    other.load(copy.deepcopy(one.state()))  # as if from a file: no tensors are shared
    assert one.advance() == other.advance() and one.step == other.step
    assert len(one.kept.value) <= CONFIG["keep"]


def test_the_network_sits_at_a_board():
    torch.manual_seed(0)
    mine = player.Player(GAME, Net(8, 1), simulations=32)
    card = match(mine.choose, "random", board="connect4", games=8)
    assert not card.forfeits and card.wins >= 5, "a search that knows nothing but the rules beats chance"
