"""A return begins with the reward of its own step, and the policy learns all five rooms."""

import numpy as np
from train import returns, train


def test_returns_are_the_sum_that_the_paper_writes():
    rng = np.random.default_rng()
    for _ in range(20):
        steps, batch, gamma = rng.integers(1, 9), rng.integers(1, 5), rng.random()
        reward = rng.normal(size=(steps, batch))
        expected = [sum(gamma**k * reward[t + k] for k in range(steps - t)) for t in range(steps)]
        np.testing.assert_allclose(returns(reward, gamma), expected, atol=1e-12)


def test_without_discounting_the_first_return_is_the_sum_of_all_rewards():
    reward = np.random.default_rng().normal(size=(7, 3))
    np.testing.assert_allclose(returns(reward, 1.0)[0], reward.sum(0))


def test_the_healthy_curve_is_reached():
    _, _, y = train()
    assert y["reward of a game"][-1] > 4.85
