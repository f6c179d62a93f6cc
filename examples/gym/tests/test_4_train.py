"""A gradient step by hand, and a run that reaches a known optimum: four contexts, each with an arm that pays 1."""

import copy

import pytest
import torch
from torch import nn

from envs.evaluate import evaluate
from parts.train import Training, best, gradient_step


class Table(nn.Module):
    """No network at all: the same logits and value everywhere."""

    def __init__(self):
        super().__init__()
        self.logits, self.value = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(()))

    def forward(self, obs):
        return self.logits.expand(len(obs), 2), self.value.expand(len(obs))


def batch(advantage, returns):
    n = len(advantage)
    old = torch.full((n,), 0.5).log()
    values = {"obs": torch.zeros(n, 1), "action": torch.arange(n) % 2, "log_probability": old}
    return values | {"advantage": torch.tensor(advantage), "returns": torch.tensor(returns)}


def test_a_step_by_hand():
    """Action 0 has advantage 5, action 1 has 3; standardised they are a and -a with a = 1 / sqrt(2), torch's deviation
    being that of a sample. -d/dlogits of the mean of ratio * A is (-a/2, a/2). The value's gradient is (0 - 1) / 2.
    The norm sqrt(1/4 + 1/4) is over 0.5: all are divided by sqrt(2). lr 1: the steps are against them."""
    net = Table()
    optimiser = torch.optim.SGD(net.parameters(), lr=1.0)
    net.logits.grad = torch.full((2,), 99.0)  # left over from something else
    told = gradient_step(net, optimiser, batch([5.0, 3.0], [1.0, 1.0]), 0.2, 0.0)
    torch.testing.assert_close(net.logits.detach(), torch.tensor([0.25, -0.25]), atol=1e-4, rtol=0)
    assert net.value.item() == pytest.approx(0.5 / 2**0.5, abs=1e-4)
    assert told["loss/value"] == pytest.approx(0.5) and told["loss/policy"] == pytest.approx(0.0, abs=1e-6)
    assert told["entropy"] == pytest.approx(0.6931, abs=1e-3)


def test_how_likely_the_actions_were_counts():
    """Action 0 had probability 1/3 when it was sampled and has 1/2 now: a ratio of 1.5, clipped to 1.3. Action 1: 1.
    With the advantages a and -a from above the loss is -(1.3 a - a) / 2."""
    step = batch([5.0, 3.0], [0.0, 0.0]) | {"log_probability": torch.tensor([1 / 3, 1 / 2]).log()}
    net = Table()
    told = gradient_step(net, torch.optim.SGD(net.parameters(), lr=1.0), step, 0.3, 0.0)
    assert told["loss/policy"] == pytest.approx(-0.15 / 2**0.5, abs=1e-4)


def test_the_entropy_bonus_pulls_towards_chance():
    net = Table()
    net.logits.data = torch.tensor([2.0, 0.0])
    step = batch([1.0, 1.0], [0.0, 0.0])  # nothing to learn: standardised, both advantages are 0
    gradient_step(net, torch.optim.SGD(net.parameters(), lr=1.0), step, 0.2, 1.0)
    assert 0 < float(net.logits.detach().diff().abs()) < 2.0


CONFIG = {"task": "bandit", "seed": 1, "steps": 12_000, "games": 16, "length": 16, "epochs": 4, "batch": 64}
CONFIG |= {"lr": 5e-3, "gamma": 0.99, "lam": 0.95, "epsilon": 0.2, "entropy": 0.01, "width": 16}


def test_it_learns_the_four_arms():
    training = Training(CONFIG)
    while training.step < CONFIG["steps"]:
        row = training.advance()
    assert row["score"] > 0.8
    card = evaluate(lambda obs: best(training.net, obs), "bandit", episodes=64)
    assert card.mean == 1.0


def test_stopped_and_gone_on_with_is_the_same():
    one, other = Training(CONFIG), Training(CONFIG)
    for _ in range(3):
        one.advance()
    other.load(copy.deepcopy(one.state()))  # as if from a file: no tensors are shared
    assert one.advance() == other.advance()
