"""Five rooms in a row, each with two doors and a sign that says which one is right, in a language that has to be
learned. The right door is worth 1 and leads on; behind the wrong one the game ends. The maximum is five.

REINFORCE (Williams 1992) with a table of logits:

    G_t = r_t + gamma r_{t+1} + gamma^2 r_{t+2} + ...             the return from step t on
    theta <- theta + lr * (G_t - b) grad log pi(a_t | s_t)        b: the mean return in that room

    python train.py     a few seconds
"""

from pathlib import Path

import numpy as np
import torch

ROOMS, SIGNS, DOORS, GAMMA = 5, 4, 2, 0.95
RIGHT = np.array([0, 1, 1, 0])  # [SIGNS] the right door


def walk(logits, batch, rng):
    """Play `batch` games: signs, doors and rewards [ROOMS, B], and whether each game reached the room [ROOMS, B]."""
    probability = torch.softmax(logits.detach(), -1).numpy()  # [ROOMS, SIGNS, DOORS]
    sign = rng.integers(SIGNS, size=(ROOMS, batch))
    door, reward, here = np.zeros_like(sign), np.zeros((ROOMS, batch), np.float32), np.zeros((ROOMS, batch), bool)
    inside = np.ones(batch, bool)
    for room in range(ROOMS):
        door[room] = rng.random(batch) < probability[room, sign[room], 1]
        here[room] = inside
        inside = inside & (door[room] == RIGHT[sign[room]])
        reward[room] = inside
    return sign, door, reward, here


def returns(reward, gamma=GAMMA):
    """The return of each step [T, B] from the rewards [T, B]."""
    found, following = np.zeros_like(reward), np.zeros_like(reward[0])
    for t in reversed(range(len(reward))):
        found[t] = following
        following = reward[t] + gamma * following
    return found


def learn(logits, optimiser, batch, rng):
    """One gradient step on a batch of games; their mean reward."""
    sign, door, reward, here = walk(logits, batch, rng)
    found = returns(reward)
    baseline = (found * here).sum(1, keepdims=True) / np.maximum(here.sum(1, keepdims=True), 1)
    advantage = torch.from_numpy((found - baseline) * here)
    room = np.arange(ROOMS)[:, None]
    log_pi = torch.log_softmax(logits, -1)[room, sign, door]  # [ROOMS, B]
    loss = -(log_pi * advantage).sum(0).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return float(reward.sum(0).mean())


def train(steps=500, seed=0):
    """The logits [ROOMS, SIGNS, DOORS] and the curve: steps, mean reward per game."""
    rng = np.random.default_rng(seed)
    logits = torch.zeros(ROOMS, SIGNS, DOORS, requires_grad=True)
    optimiser = torch.optim.Adam([logits], lr=0.05)
    x, y, recent = [], {"reward of a game": []}, []
    for step in range(steps + 1):
        recent.append(learn(logits, optimiser, 64, rng))
        if step % (steps // 10) == 0:
            x.append(step)
            y["reward of a game"].append(float(np.mean(recent[-20:])))
    return logits.detach(), x, y


if __name__ == "__main__":
    from curve import show

    _, x, y = train()
    show(Path(__file__).parent, x, y)
