"""Vanishing gradients: how much reaches the first layer (Glorot & Bengio 2010; Glorot, Bordes & Bengio 2011; He 2015).

Going backwards through a layer a = phi(W x), the gradient is multiplied by W' and by phi'(W x). With n units and
weights of variance v its variance is multiplied by about n v E[phi'^2]:

    sigmoid    phi' <= 1/4                       it falls by more than a factor of 16 v n a layer
    tanh       phi' = 1 at 0                     v = 1/n keeps it (Xavier), until units saturate
    ReLU       phi' = 1 for half of the units    v = 2/n keeps it (He)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tengen.figures import coloured

_WIDTH, _DEPTH, _BATCH = 100, 20, 100

Pair = tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]


def sigmoid(z: np.ndarray) -> np.ndarray:
    s: np.ndarray = 1 / (1 + np.exp(-z))
    return s


ACTIVATIONS: dict[str, Pair] = {  # the function, and its derivative
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
}
CASES = (
    ("sigmoid", 1.0),
    ("tanh", 1.0),
    ("tanh", 0.5),
    ("relu", 1.0),
    ("relu", 2.0),
)  # and n * variance of the weights


def gradients(activation: str, gain: float, seed: list[int]) -> np.ndarray:
    """[depth + 1] root mean square of the gradient at the input of each layer and at the output."""
    phi, slope = ACTIVATIONS[activation]
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, (gain / _WIDTH) ** 0.5, (_DEPTH, _WIDTH, _WIDTH))
    x, sums = rng.normal(size=(_BATCH, _WIDTH)), []
    for W in weights:
        sums.append(x @ W.T)
        x = phi(sums[-1])
    g = rng.normal(size=x.shape)  # at the output
    sizes = [np.sqrt((g**2).mean())]
    for W, z in zip(weights[::-1], sums[::-1], strict=True):
        g = (g * slope(z)) @ W
        sizes.append(np.sqrt((g**2).mean()))
    return np.array(sizes[::-1])


class VanishingGradients:
    """The size of the gradient in each of 20 layers, by activation function and initialisation."""

    def __init__(self, seed: int, noise: float, steps: int) -> None:
        self.seed, self.total = seed, steps
        self.arrays = {"sizes": np.zeros((steps, len(CASES), _DEPTH + 1))}

    def measure(self, number: int) -> dict[str, float]:
        for k, (activation, gain) in enumerate(CASES):
            self.arrays["sizes"][number, k] = gradients(activation, gain, [self.seed, number, k])
        first = self.arrays["sizes"][number, :, 0]
        return {"sigmoid": float(first[0]), "tanh": float(first[1]), "relu": float(first[4])}

    def answer(self) -> tuple[str, float, str, dict[str, float | str]]:
        """A ReLU layer multiplies the gradient's variance by gain / 2."""
        mean = np.sqrt((self.arrays["sizes"] ** 2).mean(0))  # [cases, depth + 1]
        a_layer = (mean[:, 0] / mean[:, -1]) ** (1 / _DEPTH)
        distance = max(abs(a_layer[3] / 0.5**0.5 - 1), abs(a_layer[4] - 1))
        also: dict[str, float | str] = {
            f"{name}_{gain:g}": float(value) for (name, gain), value in zip(CASES, a_layer, strict=True)
        }
        protocol = (
            f"factor a layer for ReLU beside sqrt(n v / 2), {_DEPTH} layers of {_WIDTH}; further: factors a layer"
        )
        return "relative difference", float(distance), protocol, also

    def draw(self, figure: Any) -> None:
        axes = figure.subplots()
        mean = np.sqrt((self.arrays["sizes"] ** 2).mean(0))
        for colour, ((name, gain), sizes) in coloured(zip(CASES, mean, strict=True)):
            label = f"{name}, weights of variance {gain:g} / n"
            axes.semilogy(range(_DEPTH + 1), sizes, "o-", ms=3, color=colour, label=label)
        axes.set_xlabel("layer (0: the input)")
        axes.set_ylabel("size of the gradient")
        axes.legend(frameon=False)
