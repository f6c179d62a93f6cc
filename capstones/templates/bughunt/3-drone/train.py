"""A drone learns when to land, by Q-learning with a table.

It flies at one of seven heights. Each step it climbs, holds or sinks, and a gust may move it up or down by one. A step
in the air is worth 1. At height 0 (the ground) and height 6 (the top) the drone is lost, and earns nothing. The fourth
action lands it safely from any height: that is worth 17 at once, and the flight is over. A drone that hovers well for
ever earns 1 / (1 - gamma).

In training a flight is cut off after 15 steps, and the next one begins: the world would have gone on.

    Q(s, a) <- Q(s, a) + alpha (r + gamma max_a' Q(s', a') - Q(s, a))        (Watkins 1989)

    python train.py     a second or two
"""

from pathlib import Path

import numpy as np

HEIGHTS, ACTIONS, LAND = 7, 4, 3
GAMMA, LIMIT = 0.95, 15


class Drones:
    """B parallel flights, in Gymnasium's terms: a flight terminates by itself, or is truncated at the limit."""

    def __init__(self, count, rng, limit=LIMIT):
        self.rng, self.limit = rng, limit
        self.height, self.steps = np.full(count, 3), np.zeros(count, int)

    def step(self, action):
        """Rewards, heights reached, terminated, truncated: four arrays [B]. Flights that ended restart."""
        gust = self.rng.choice([-1, 0, 1], len(action), p=[0.1, 0.8, 0.1])
        reached = np.clip(self.height + 1 - np.minimum(action, 2) + gust, 0, HEIGHTS - 1)
        landed = action == LAND
        lost = ~landed & ((reached == 0) | (reached == HEIGHTS - 1))
        reward = np.where(landed, 17.0, np.where(lost, 0.0, 1.0))
        self.steps += 1
        terminated, truncated = landed | lost, self.steps >= self.limit
        over = terminated | truncated
        self.height = np.where(over, 3, reached)
        self.steps[over] = 0
        return reward, reached, terminated, truncated


def targets(q, reward, reached, terminated, truncated):
    """The targets of Q(s, a) [B]."""
    follows = ~(terminated | truncated)
    return reward + GAMMA * follows * q[reached].max(1)


def score(q, flights=200, seed=1):
    """Mean discounted return of the greedy actions, over flights that are not cut off."""
    drones = Drones(flights, np.random.default_rng(seed), limit=10**9)
    total, flying = np.zeros(flights), np.ones(flights)
    for t in range(150):
        reward, _, terminated, _ = drones.step(q[drones.height].argmax(1))
        total += GAMMA**t * reward * flying
        flying *= ~terminated
    return total.mean()


def train(steps=4000, seed=0):
    """The action values [7, 4] and the curve: steps, discounted return, value of the height where flights begin."""
    rng = np.random.default_rng(seed)
    drones, q = Drones(32, rng), np.zeros((HEIGHTS, ACTIONS))
    x, y = [], {"discounted return": [], "value of the start": []}
    for step in range(steps + 1):
        height = drones.height
        explore = rng.random(len(height)) < 0.3
        action = np.where(explore, rng.integers(LAND, size=len(height)), q[height].argmax(1))
        action[rng.random(len(height)) < 0.02] = LAND
        alpha = 0.1 * (1 - step / (steps + 1))
        goal = targets(q, *drones.step(action))
        np.add.at(q, (height, action), alpha * (goal - q[height, action]))
        if step % (steps // 10) == 0:
            x.append(step)
            y["discounted return"].append(score(q))
            y["value of the start"].append(q[3].max())
    return q, x, y


if __name__ == "__main__":
    from curve import show

    _, x, y = train()
    show(Path(__file__).parent, x, y)
