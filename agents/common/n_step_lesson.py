"""Bias and variance of n-step returns on the corridor (Kearns & Singh 2000; Sutton & Barto 2018, section 7.1).

    G_n = r_1 + gamma r_2 + … + gamma^(n-1) r_n + gamma^n V(s_n)

with a value function V that is wrong. Few steps rely on V, whose error is the same every time: bias. Many steps
contain more randomness: variance. If V is too high by c everywhere, the bias is c gamma^n P(still playing).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from envs.toy import Corridor
from tengen.figures import COLOURS

STEPS = (1, 2, 4, 8, 12, 16, 24, 32, 48)
GAMMA, RIGHT, WRONG = 0.95, 0.7, 0.5  # discount, how often the policy goes right, how much V is too high
_GAMES = 64  # a measurement


def true_values() -> tuple[np.ndarray, np.ndarray]:
    """(values [8], moves [8, 8]) of the policy; the last cell ends the game."""
    moves = np.zeros((8, 8))
    for cell in range(7):
        moves[cell, cell + 1] += RIGHT
        moves[cell, max(cell - 1, 0)] += 1 - RIGHT
    reward = -0.01 * (moves[:, :7].sum(1)) + moves[:, 7]
    values = np.linalg.solve(np.eye(8) - GAMMA * moves, reward)
    values[7] = 0.0
    return values, moves


class NStep:
    """Returns of 1 to 48 steps from the corridor's start with a wrong value function: bias falls, variance rises."""

    def __init__(self, seed: int, noise: float, steps: int) -> None:
        self.seed, self.total = seed, steps
        self.arrays = {"returns": np.zeros((steps, _GAMES, len(STEPS)))}

    def measure(self, number: int) -> dict[str, float]:
        """Play games from the start, and keep their n-step returns."""
        rng = np.random.default_rng([self.seed, number])
        values = true_values()[0] + WRONG * (np.arange(8) < 7)
        world = Corridor(_GAMES)
        world.limit = max(STEPS) + 1
        cell = world.reset(number).argmax(1)
        summed, playing = np.zeros(_GAMES), np.ones(_GAMES, bool)
        for t in range(1, max(STEPS) + 1):
            moved = world.step((rng.random(_GAMES) < RIGHT).astype(np.int64))
            summed += playing * GAMMA ** (t - 1) * moved.reward
            playing &= ~moved.terminated
            cell = np.where(playing, moved.obs.argmax(1), cell)
            if t in STEPS:
                self.arrays["returns"][number, :, STEPS.index(t)] = summed + playing * GAMMA**t * values[cell]
        return {"return": float(self.arrays["returns"][number, :, -1].mean())}

    def expected_bias(self) -> np.ndarray:
        """[len(STEPS)] what V's error leaves of itself after n steps."""
        _, moves = true_values()
        alive = [np.linalg.matrix_power(moves, n)[0, :7].sum() for n in STEPS]
        return WRONG * GAMMA ** np.array(STEPS) * np.array(alive)

    def parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(mean squared error, bias, variance), each [len(STEPS)]."""
        returns = self.arrays["returns"].reshape(-1, len(STEPS))
        true = true_values()[0][0]
        return ((returns - true) ** 2).mean(0), returns.mean(0) - true, returns.var(0)

    def answer(self) -> tuple[str, float, str, dict[str, float | str]]:
        error, bias, variance = self.parts()
        distance = float(abs(bias - self.expected_bias()).max())
        also: dict[str, float | str] = {
            "best_n": float(STEPS[int(error.argmin())]),
            "identity": float(abs(error - bias**2 - variance).max()),
        }
        protocol = f"largest difference of the bias from c gamma^n P(still playing), c = {WRONG}, gamma = {GAMMA}"
        return "difference of bias", distance, protocol, also

    def draw(self, figure: Any) -> None:
        error, bias, variance = self.parts()
        axes = figure.subplots()
        axes.plot(STEPS, bias**2, "o-", color=COLOURS[0], label="bias²")
        axes.plot(STEPS, self.expected_bias() ** 2, ":", color=COLOURS[0], label="bias², closed form")
        axes.plot(STEPS, variance, "o-", color=COLOURS[1], label="variance")
        axes.plot(STEPS, error, "ko-", ms=4, label="squared error: their sum")
        axes.set_xscale("log")
        axes.set_xlabel("steps n")
        axes.set_ylabel("of the n-step return at the start")
        axes.legend(frameon=False)
