"""Nothing follows a flight that is over; after one that is only cut off, the world goes on. And the drone hovers."""

import numpy as np
from train import ACTIONS, GAMMA, HEIGHTS, Drones, score, targets, train


def test_targets_of_random_steps():
    rng = np.random.default_rng()
    for _ in range(20):
        n = rng.integers(1, 40)
        q, reward, reached = rng.normal(size=(HEIGHTS, ACTIONS)), rng.normal(size=n), rng.integers(HEIGHTS, size=n)
        end = rng.integers(3, size=n)  # 0 goes on, 1 terminated, 2 truncated
        both = rng.random(n) < 0.1  # terminated in the very step in which time ran out
        found = targets(q, reward, reached, (end == 1) | both, (end == 2) | both)
        over = (end == 1) | both
        expected = [r if done else r + GAMMA * q[s].max() for r, s, done in zip(reward, reached, over, strict=True)]
        np.testing.assert_allclose(found, expected)


def test_a_flight_that_is_cut_off_began_and_ended_somewhere():
    drones = Drones(5, np.random.default_rng(), limit=1)
    _, reached, terminated, truncated = drones.step(np.full(5, 1))
    assert truncated.all() and not terminated.any() and (drones.height == 3).all() and (abs(reached - 3) <= 1).all()


def test_the_healthy_curve_is_reached():
    q, _, _ = train()
    assert score(q) > 19.5
    assert abs(q[3].max() - 20) < 0.5
