"""A ravine: gradient descent zigzags, momentum does not (Polyak 1964; Nesterov 1983; Sutskever 2013).

    f(x, y) = 1/2 (x^2 + kappa y^2)        steep one way, flat the other: condition number kappa

With optimal step sizes, each step shrinks the distance to the optimum by this factor (Polyak 1964; Nesterov 2004, 2.1):

    gradient descent    (kappa - 1) / (kappa + 1)                       steps ~ kappa
    momentum            (sqrt(kappa) - 1) / (sqrt(kappa) + 1)           steps ~ sqrt(kappa)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tengen.figures import COLOURS

KAPPA = 100.0
_START = np.array([-10.0, 1.0])
METHODS = ("gradient descent", "momentum", "Nesterov")


def rates(kappa: float) -> tuple[float, float]:
    """The factors a step of gradient descent and of momentum."""
    return (kappa - 1) / (kappa + 1), (kappa**0.5 - 1) / (kappa**0.5 + 1)


class Ravine:
    """Gradient descent, momentum and Nesterov's method in a ravine of condition number 100."""

    def __init__(self, seed: int, noise: float, steps: int) -> None:
        self.total, self.curve = steps, np.array([1.0, KAPPA])
        self.arrays = {"path": np.zeros((steps + 1, 3, 2)), "speed": np.zeros((3, 2))}
        self.arrays["path"][0] = _START

    def measure(self, number: int) -> dict[str, float]:
        """One step of each method."""
        heavy = rates(KAPPA)[1]
        lr = (2 / (1 + KAPPA), 4 / (1 + KAPPA**0.5) ** 2, 1 / KAPPA)
        mu = (0.0, heavy**2, heavy)
        at, v = self.arrays["path"][number], self.arrays["speed"]
        for k in range(3):
            ahead = at[k] + mu[k] * v[k] if k == 2 else at[k]  # Nesterov asks for the gradient where it will be
            v[k] = mu[k] * v[k] - lr[k] * self.curve * ahead
            self.arrays["path"][number + 1, k] = at[k] + v[k]
        values = (self.curve * self.arrays["path"][number + 1] ** 2).sum(1) / 2
        return {"descent": float(values[0]), "momentum": float(values[1]), "nesterov": float(values[2])}

    def answer(self) -> tuple[str, float, str, dict[str, float | str]]:
        distance = np.linalg.norm(self.arrays["path"], axis=2)  # [steps + 1, methods]
        half = self.total // 2
        measured = (distance[-1] / distance[half]) ** (1 / max(1, self.total - half))
        expected = rates(KAPPA)
        gap = max(abs(measured[0] - expected[0]), abs(measured[1] - expected[1]))
        also: dict[str, float | str] = {
            name.replace(" ", "_"): float(m) for name, m in zip(METHODS, measured, strict=True)
        }
        return "difference of factors", float(gap), f"factor a step, condition number {KAPPA:g}", also

    def draw(self, figure: Any) -> None:
        left, right = figure.subplots(1, 2)
        x, y = np.meshgrid(np.linspace(-11, 4, 80), np.linspace(-1.6, 1.6, 80))
        left.contour(x, y, x**2 + KAPPA * y**2, levels=np.geomspace(1, 300, 9), colors="lightgrey", linewidths=0.8)
        for k, name in enumerate(METHODS):
            path = self.arrays["path"][:, k]
            left.plot(*path[:40].T, ".-", ms=4, lw=1, color=COLOURS[k], label=name)
            right.semilogy(np.maximum((self.curve * path**2).sum(1) / 2, 1e-30), color=COLOURS[k], label=name)
        left.set_title("the first 40 steps", fontsize=9)
        right.set_xlabel("steps")
        right.set_ylabel("f")
        right.legend(frameon=False, fontsize=8)
