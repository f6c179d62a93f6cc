"""Bias and variance of regression (Geman, Bienenstock & Doursat 1992; Domingos 2012, "A few useful things", section 5).

Fit a model to many training sets D from one distribution. At a point x, the expected squared error of the fit f_D is

    E[(f_D - y)^2] = noise^2 + (E f_D - f)^2 + E[(f_D - E f_D)^2]        y = f(x) + noise
                               bias^2            variance

A rigid model makes the same errors each time, a flexible one different errors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tengen.figures import COLOURS

DEGREES = tuple(range(10))
_POINTS = 30  # in a training set
_GRID = np.linspace(-0.95, 0.95, 50)


def truth(x: np.ndarray) -> np.ndarray:
    """The target function f on [-1, 1]."""
    return np.sin(np.pi * x)


def decompose(predicted: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(mean squared error, bias^2, variance), averaged over points; predictions [sets, …, points], targets [points]."""
    mean = predicted.mean(0)
    error = ((predicted - target) ** 2).mean((0, -1))
    return error, ((mean - target) ** 2).mean(-1), ((predicted - mean) ** 2).mean((0, -1))


class BiasVariance:
    """Polynomials of degree 0 to 9 fitted to many samples of 30 noisy points of a sine: bias falls, variance rises."""

    def __init__(self, seed: int, noise: float, steps: int) -> None:
        self.seed, self.noise, self.total = seed, noise, steps
        self.arrays = {
            "predicted": np.zeros((steps, len(DEGREES), len(_GRID))),
            "squared_error": np.zeros((steps, len(DEGREES))),  # on new noisy points
        }

    def measure(self, number: int) -> dict[str, float]:
        rng = np.random.default_rng([self.seed, number])
        x = rng.uniform(-1, 1, _POINTS)
        y = truth(x) + self.noise * rng.normal(size=_POINTS)
        fresh = truth(_GRID) + self.noise * rng.normal(size=len(_GRID))
        for k, degree in enumerate(DEGREES):
            predicted = np.polynomial.Chebyshev.fit(x, y, degree, domain=[-1, 1])(_GRID)
            self.arrays["predicted"][number, k] = predicted
            self.arrays["squared_error"][number, k] = ((predicted - fresh) ** 2).mean()
        return {"loss": float(self.arrays["squared_error"][number, 3])}

    def answer(self) -> tuple[str, float, str, dict[str, float | str]]:
        error, bias, variance = decompose(self.arrays["predicted"], truth(_GRID))
        measured = self.arrays["squared_error"].mean(0)
        whole = bias + variance + self.noise**2
        distance = float(abs(measured / whole - 1)[:7].max())
        also: dict[str, float | str] = {
            "best_degree": float(measured.argmin()),
            "identity": float(abs(error - bias - variance).max()),  # exact without noise, up to rounding
        }
        protocol = "largest relative difference of measured error and noise^2 + bias^2 + variance, degrees 0 to 6"
        return "relative difference", distance, protocol, also

    def draw(self, figure: Any) -> None:
        _, bias, variance = decompose(self.arrays["predicted"], truth(_GRID))
        axes = figure.subplots()
        axes.stackplot(
            DEGREES, np.full(len(DEGREES), self.noise**2), bias, variance, labels=["noise²", "bias²", "variance"],
            colors=COLOURS[5:] + COLOURS[:2], alpha=0.6,
        )  # fmt: skip
        axes.plot(DEGREES, self.arrays["squared_error"].mean(0), "ko-", ms=4, label="measured error")
        axes.set_xlabel("degree of the polynomial")
        axes.set_ylabel("squared error on new points")
        axes.set_ylim(0, 1.2)
        axes.legend(frameon=False)
