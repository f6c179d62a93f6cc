"""Overfitting and the gap between training and test error (Vapnik 1995, The Nature of Statistical Learning Theory).

With probability 1 - delta, for a function class of VC dimension h and N examples (as in Burges 1998, Eq. 3):

    test error <= training error + sqrt((h (log(2N/h) + 1) - log(delta/4)) / N)

so the gap closes roughly like sqrt(h / N): a richer model needs more examples.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from supervised.classical.lessons.bias_variance import truth
from supervised.classical.linear import LinearClassifier
from tengen.figures import COLOURS

SIZES = (20, 40, 80, 160, 320, 640, 1200)
DEGREES = tuple(range(15))


def bound(N: np.ndarray, h: int, delta: float = 0.05) -> np.ndarray:
    """The bound on the test error minus the training error."""
    gap: np.ndarray = np.sqrt((h * (np.log(2 * N / h) + 1) - np.log(delta / 4)) / N)
    return gap


class OverFitting:
    """The training error falls with the degree of a polynomial; the test error falls, then rises again."""

    def __init__(self, seed: int, noise: float, steps: int) -> None:
        self.seed, self.noise, self.total = seed, noise, steps
        self.arrays = {"train": np.zeros((steps, len(DEGREES))), "test": np.zeros((steps, len(DEGREES)))}

    def measure(self, number: int) -> dict[str, float]:
        rng = np.random.default_rng([self.seed, number])
        x, x_new = rng.uniform(-1, 1, 20), rng.uniform(-1, 1, 1000)
        y, y_new = (truth(at) + self.noise * rng.normal(size=len(at)) for at in (x, x_new))
        for k, degree in enumerate(DEGREES):
            line = np.polynomial.Chebyshev.fit(x, y, degree, domain=[-1, 1])
            self.arrays["train"][number, k] = ((line(x) - y) ** 2).mean()
            self.arrays["test"][number, k] = ((line(x_new) - y_new) ** 2).mean()
        return {"loss": float(self.arrays["test"][number].min())}

    def answer(self) -> tuple[str, float, str, dict[str, float | str]]:
        """For linear regression with the true model, E[training error] = noise^2 (1 - parameters / N)."""
        train = self.arrays["train"][:, 5:].mean(0)
        expected = self.noise**2 * (1 - (np.array(DEGREES[5:]) + 1) / 20)
        distance = float(abs(train / expected - 1).max()) if self.noise else float(abs(train).max())
        also: dict[str, float | str] = {"best_degree": float(np.median(self.arrays["test"], 0).argmin())}
        protocol = "training error beside noise^2 (1 - parameters / N), degrees 5 to 14, 20 points"
        return "relative difference", distance, protocol, also

    def draw(self, figure: Any) -> None:
        axes = figure.subplots()
        for colour, name in zip(COLOURS, ("train", "test"), strict=False):
            axes.semilogy(DEGREES, np.median(self.arrays[name], 0), "o-", color=colour, label=f"{name}, median")
        axes.axhline(self.noise**2, color="grey", ls=":", label="noise²")
        axes.set_xlabel("degree of the polynomial")
        axes.set_ylabel("squared error")
        axes.legend(frameon=False)


class SampleSize:
    """The gap between training and test error of a linear classifier, against the number of training examples."""

    def __init__(self, seed: int, noise: float, steps: int) -> None:
        from sklearn.datasets import load_digits

        bunch = load_digits()
        self.X, self.y = bunch.data / 16, bunch.target >= 5  # two classes: the VC dimension is D + 1
        self.seed, self.total = seed, steps
        self.arrays = {"train": np.zeros((steps, len(SIZES))), "test": np.zeros((steps, len(SIZES)))}

    def measure(self, number: int) -> dict[str, float]:
        order = np.random.default_rng([self.seed, number]).permutation(len(self.y))
        held_out = order[SIZES[-1] :]
        for k, size in enumerate(SIZES):
            mine = order[:size]
            learner = LinearClassifier(l2=1e-3).fit(self.X[mine], self.y[mine])
            self.arrays["train"][number, k] = 1 - learner.score(self.X[mine], self.y[mine])
            self.arrays["test"][number, k] = 1 - learner.score(self.X[held_out], self.y[held_out])
        return {"loss": float(self.arrays["test"][number, -1])}

    def answer(self) -> tuple[str, float, str, dict[str, float | str]]:
        gap = (self.arrays["test"] - self.arrays["train"]).mean(0)
        h = self.X.shape[1] + 1
        room = bound(np.array(SIZES[3:]), h)
        also: dict[str, float | str] = {"gap_smallest": float(gap[0]), "gap_largest": float(gap[-1])}
        protocol = f"largest gap over Vapnik's bound (95 %, VC dimension {h}), {SIZES[3]} examples and more: below 1"
        return "share of the bound", float((gap[3:] / room).max()), protocol, also

    def draw(self, figure: Any) -> None:
        axes = figure.subplots()
        for colour, name in zip(COLOURS, ("train", "test"), strict=False):
            axes.semilogx(SIZES, self.arrays[name].mean(0), "o-", color=colour, label=f"{name} error")
        N = np.array(SIZES[3:])
        limit = self.arrays["train"].mean(0)[3:] + bound(N, self.X.shape[1] + 1)
        axes.semilogx(N, np.minimum(limit, 1), "--", color="grey", label="bound on the test error (95 %)")
        axes.set_xlabel("training examples")
        axes.set_ylabel("errors")
        axes.legend(frameon=False)
