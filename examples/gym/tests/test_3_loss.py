"""The parts of the loss: by hand, against PyTorch's, and clipped on the right side only."""

import math

import torch
from torch.distributions import Categorical

from parts.loss import clipped, entropy, log_probability, value_error

T = torch.tensor


def test_log_probabilities_are_those_of_the_library():
    torch.manual_seed(0)
    logits, actions = torch.randn(32, 5), torch.randint(5, (32,))
    torch.testing.assert_close(log_probability(logits, actions), Categorical(logits=logits).log_prob(actions))
    assert log_probability(T([[1000.0, 0.0]]), T([1])).tolist() == [-1000.0]


def test_entropy():
    torch.manual_seed(0)
    logits = torch.randn(32, 5)
    torch.testing.assert_close(entropy(logits), Categorical(logits=logits).entropy())
    assert math.isclose(float(entropy(torch.zeros(1, 4))), math.log(4), rel_tol=1e-6)
    assert float(entropy(T([[200.0, 0.0]]))) < 1e-6


def test_clipped_by_hand():
    """epsilon 0.2. Ratios 1.5, 1.5, 0.5, 0.5 with A = 1, -1, 1, -1: 1.2, -1.5, 0.5, -0.8; their mean is -0.15."""
    ratio, advantage = T([1.5, 1.5, 0.5, 0.5]), T([1.0, -1.0, 1.0, -1.0])
    assert math.isclose(float(clipped(ratio.log(), torch.zeros(4), advantage, 0.2)), 0.15, rel_tol=1e-5)


def test_epsilon_is_what_was_asked_for():
    """A ratio of 1.5 with A = 1 counts as 1.1 if epsilon is 0.1."""
    assert math.isclose(float(clipped(T([1.5]).log(), T([0.0]), T([1.0]), 0.1)), -1.1, rel_tol=1e-5)


def test_the_gradient_stops_where_there_is_nothing_to_gain():
    """The same four: no gradient at the first (too far already) and the last; a way back at the second and third."""
    new = T([1.5, 1.5, 0.5, 0.5]).log().requires_grad_()
    clipped(new, torch.zeros(4), T([1.0, -1.0, 1.0, -1.0]), 0.2).backward()
    assert new.grad[[0, 3]].tolist() == [0.0, 0.0]
    torch.testing.assert_close(new.grad[[1, 2]], T([1.5 / 4, -0.5 / 4]))


def test_before_the_first_step_it_is_the_policy_gradient():
    """With ratio 1 everywhere the gradient is that of -mean of A log pi."""
    torch.manual_seed(0)
    logits = torch.randn(8, 3, requires_grad=True)
    actions, advantage = torch.randint(3, (8,)), torch.randn(8)
    log_pi = Categorical(logits=logits).log_prob(actions)
    (expected,) = torch.autograd.grad(-(advantage * log_pi).mean(), logits, retain_graph=True)
    new = log_probability(logits, actions)
    (found,) = torch.autograd.grad(clipped(new, new.detach(), advantage, 0.2), logits)
    torch.testing.assert_close(found, expected)


def test_value_error_by_hand():
    assert float(value_error(T([1.0, 2.0]), T([3.0, 2.0]))) == 1.0  # (4 + 0) / 2 / 2
