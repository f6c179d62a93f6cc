"""The policy gradient: by hand, ignoring steps that are not valid, and able to learn a bandit."""

import math

import torch

from parts.train import policy_loss


def test_by_hand():
    """Two actions with probability 1/2: -log(1/2) * weight, with weights 3 and 1: 2 log 2 on average."""
    loss = policy_loss(torch.zeros(2, 2), torch.tensor([0, 1]), torch.tensor([3.0, 1.0]), torch.ones(2, dtype=bool))
    assert math.isclose(loss, 2 * math.log(2), rel_tol=1e-6)


def test_the_gradient_by_hand():
    """d/dlogits of -w log softmax(logits)[a] = w (softmax - onehot(a)): with w = 2, p = 1/2: (-1, 1)."""
    logits = torch.zeros(1, 2, requires_grad=True)
    policy_loss(logits, torch.tensor([0]), torch.tensor([2.0]), torch.tensor([True])).backward()
    torch.testing.assert_close(logits.grad, torch.tensor([[-1.0, 1.0]]))


def test_steps_that_decided_nothing_do_not_count():
    logits = torch.randn(3, 2, generator=torch.Generator().manual_seed(0))
    actions, weights = torch.tensor([0, 1, 1]), torch.tensor([1.0, 2.0, 50.0])
    all_valid = torch.ones(2, dtype=bool)
    short = policy_loss(logits[:2], actions[:2], weights[:2], all_valid)
    torch.testing.assert_close(policy_loss(logits, actions, weights, torch.tensor([True, True, False])), short)


def test_it_learns_a_bandit():
    """Arm 1 pays 1, the others nothing: after 200 steps it is nearly always pulled."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.zeros(3, requires_grad=True)
    optimiser = torch.optim.SGD([logits], lr=0.5)
    for _ in range(200):
        pulled = torch.multinomial(logits.detach().softmax(0), 64, replacement=True, generator=generator)
        paid = (pulled == 1).float()
        loss = policy_loss(logits.expand(64, 3), pulled, paid - paid.mean(), torch.ones(64, dtype=bool))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert logits.softmax(0)[1] > 0.9
