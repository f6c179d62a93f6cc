"""The gradient moves the estimate towards its target, and the walk is as good as it can be."""

import numpy as np
import torch
from train import GAMMA, experience, loss_of, train, worth


def steps(count):
    return experience(count, np.random.default_rng())


def test_the_gradient_moves_the_estimate_and_leaves_the_target_alone():
    for _ in range(20):
        s, a, reward, later, ended = steps(1 + int(torch.randint(30, ())))
        q = torch.randn(16, 4, requires_grad=True)
        loss_of(q, s, a, reward, later, ended).backward()
        expected = torch.zeros(16, 4)
        for i in range(len(s)):
            target = reward[i] + (0.0 if ended[i] else GAMMA * q[later[i]].max().item())
            expected[s[i], a[i]] += 2 * (q[s[i], a[i]].item() - target) / len(s)
        torch.testing.assert_close(q.grad, expected)


def test_the_loss_is_the_mean_squared_error():
    s, a, reward, later, ended = steps(50)
    q = torch.randn(16, 4)
    target = reward + GAMMA * q[later].max(1).values * (1 - ended.float())
    torch.testing.assert_close(loss_of(q, s, a, reward, later, ended), ((target - q[s, a]) ** 2).mean())


def test_the_healthy_curve_is_reached():
    q, _, _ = train()
    assert worth(q.numpy().argmax(1)) > 0.65
    assert 0.24 < q[0].max() < 0.35
