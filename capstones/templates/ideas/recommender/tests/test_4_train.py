"""A step by hand, and a run that has to recover rock, paper and scissors, which Elo's model cannot represent."""

import copy
import math

import numpy as np
import pytest
import torch

from parts import train
from parts.data import Games, generate
from parts.model import Ratings
from parts.train import Training, gradient_step, held_out_loss

CONFIG = {"seed": 1, "rank": 1, "steps": 400, "batch": 128, "lr": 0.1, "weight_decay": 0.0}


def test_a_step_by_hand():
    """All equal: each game is expected to score 1/2. Three games won by 0 against 1: d loss / d s = (-1/2, 1/2)."""
    model = Ratings(2, 0)
    optimiser = torch.optim.SGD(model.parameters(), lr=1.0)
    model.strength.grad = torch.full((2,), 99.0)  # left over from something else
    loss = gradient_step(model, optimiser, torch.zeros(3).long(), torch.ones(3).long(), torch.ones(3))
    assert loss == pytest.approx(math.log(2)) and isinstance(loss, float)
    torch.testing.assert_close(model.strength.detach(), torch.tensor([0.5, -0.5]))


def rock_paper_scissors(*_):
    """600 games in which the expected winner nearly always wins."""
    random = np.random.default_rng(0)
    first, second = random.integers(3, size=600), random.integers(1, 3, size=600)
    second = (first + second) % 3
    wins = (first - second) % 3 == 1  # 1 (paper) over 0 (rock), 2 (scissors) over 1, 0 over 2
    score = np.where(random.random(600) < 0.05, ~wins, wins).astype(np.float32)
    return Games("by hand", ("rock", "paper", "scissors"), first, second, score)


def test_rock_paper_scissors_is_recovered(monkeypatch):
    monkeypatch.setattr(train, "load", rock_paper_scissors)
    trained = {rank: Training(CONFIG | {"rank": rank}) for rank in (0, 1)}
    for one in trained.values():
        while one.step < CONFIG["steps"]:
            row = one.advance()
            assert row["loss"] > 0
    losses = {rank: held_out_loss(one.model, one.held_out) for rank, one in trained.items()}
    assert losses[0] > 0.65 and losses[1] < 0.35, "a coin costs 0.693; those who know who beats whom about 0.2"
    chances = trained[1].model.chances()
    assert all(chances[winner, loser] > 0.85 for winner, loser in ((1, 0), (2, 1), (0, 2)))
    assert (trained[0].model.chances() - 0.5).abs().max() < 0.2


def test_nothing_is_below_what_chance_leaves():
    """A model that knows the generated games' true probabilities: its loss is about the mean entropy of the results."""
    games = generate(20_000)
    p = games.truth[games.first, games.second]
    entropy = -(p * np.log(p) + (1 - p) * np.log(1 - p)).mean()

    class Truth(torch.nn.Module):
        def forward(self, first, second):
            return torch.from_numpy(games.truth)[first, second].logit()

    assert held_out_loss(Truth(), games) == pytest.approx(entropy, abs=0.01)


def test_stopped_and_gone_on_with_is_the_same(monkeypatch):
    monkeypatch.setattr(train, "load", rock_paper_scissors)
    one, other = Training(CONFIG), Training(CONFIG)
    one.advance()
    other.load(copy.deepcopy(one.state()))  # as if from a file: no tensors are shared
    assert one.advance() == other.advance()
