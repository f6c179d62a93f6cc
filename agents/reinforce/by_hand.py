"""REINFORCE (Williams 1992) with nothing but numpy: the corridor, the policy gradient, and a tape that differentiates.

    python -m agents.reinforce.by_hand

    logits = x W + b;  pi = softmax(logits)                   a policy without hidden units
    G_t = r_t + gamma G_{t+1}
    loss = -mean of log pi(a_t | x_t) (G_t - mean G)          its gradient comes from supervised/sequence/tape/tape.py

`agents/reinforce/train.py` is the same with PyTorch, several networks and a run folder.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from envs.toy import Corridor
from supervised.sequence.tape import network
from supervised.sequence.tape.network import Adam, Weights
from supervised.sequence.tape.tape import Tape


class Games(NamedTuple):
    """One game in each of B corridors; steps after a game's end do not count."""

    obs: np.ndarray  # [T, B, 8]
    action: np.ndarray  # [T, B]
    reward: np.ndarray  # [T, B]
    counts: np.ndarray  # [T, B] bool


def play(weights: Weights, random: np.random.Generator, games: int = 32) -> Games:
    """Play every game to its end, with actions drawn from the policy."""
    env = Corridor(games)
    obs, running = env.reset(int(random.integers(2**31))), np.ones(games, bool)
    steps = []
    while running.any():
        pi = np.exp(network.log_probabilities(obs, weights))  # [B, 2]
        action = (random.random(games) > pi[:, 0]).astype(np.int64)
        after = env.step(action)
        steps.append((obs, action, after.reward, running.copy()))
        obs, running = after.obs, running & ~(after.terminated | after.truncated)
    return Games(*(np.stack(part) for part in zip(*steps, strict=True)))


def returns(reward: np.ndarray, gamma: float) -> np.ndarray:
    """G_t = r_t + gamma G_{t+1} for rewards [T, B] that are zero after a game's end."""
    g = np.zeros_like(reward)
    after = np.zeros_like(reward[0])
    for t in reversed(range(len(reward))):
        after = g[t] = reward[t] + gamma * after
    return g


def learn(games: Games, weights: Weights, adam: Adam, lr: float, gamma: float) -> float:
    """One gradient step; the mean score of the games."""
    reward = games.reward * games.counts
    g = returns(reward, gamma)[games.counts]  # [N]: only steps of the games
    x, action = games.obs[games.counts], games.action[games.counts]  # [N, 8], [N]
    tape = Tape()
    watched = {name: tape.watch(w) for name, w in weights.items()}
    log_pi = network.logits(x, watched).log_softmax()[np.arange(len(x)), action]  # [N]
    loss = -(log_pi * (g - g.mean())).mean()
    gradients = tape.gradients(loss, list(watched.values()))
    adam.follow(weights, dict(zip(weights, gradients, strict=True)), lr)
    return float(reward.sum(0).mean())


def solve(seed: int = 1, updates: int = 60, lr: float = 0.1, gamma: float = 0.95) -> list[float]:
    """The mean score before each update; 0.94 is the best possible."""
    random = np.random.default_rng(seed)
    weights = network.initial([8, 2], random)
    adam = Adam(weights)
    return [learn(play(weights, random), weights, adam, lr, gamma) for _ in range(updates)]


if __name__ == "__main__":
    for update, score in enumerate(solve()):
        if update % 10 == 0 or update == 59:
            print(f"update {update:2}: mean score {score:.3f} of {Corridor.optimum}")
