"""Families of tasks to learn from examples in the prompt, with the best possible predictors.

A prompt is x_1 y_1 x_2 y_2 .. x_N y_N: a sequence of N examples of one task. Every prompt has a new task, drawn at
random and known only through its examples. After k examples the network reads the next x and predicts its y.

linear    y = w . x,  w and x ~ N(0, I_d)    (Garg 2022, arXiv:2208.01066)    at best: least squares, error 1 - k / d
lookup    y = table[x], a random table       (Brown 2020, arXiv:2005.14165)   at best: the table seen so far
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch.nn import functional


class Prompts(NamedTuple):
    tokens: torch.Tensor  # [B, 2 N, inputs]: x_1, y_1, x_2, …
    y: torch.Tensor  # [B, N]: numbers, or classes


class Family(Protocol):
    inputs: int  # numbers in a token
    outputs: int  # numbers of an answer
    error: str  # what `errors` is called

    def draw(self, rng: np.random.Generator, batch: int, examples: int) -> Prompts: ...

    def losses(self, answers: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """What is learned from: answers [B, N, outputs], y [B, N] -> [B, N]."""
        ...

    def errors(self, answers: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """What is measured: [B, N]."""
        ...

    def at_best(self, prompts: Prompts) -> np.ndarray:
        """The errors [B, N] of the one who does it as well as can be, from the same examples."""
        ...


class Linear:
    """y = w . x with w and x of d numbers each. The error is divided by d: 1 is that of always answering 0."""

    outputs, error = 1, "squared error"

    def __init__(self, dimension: int) -> None:
        self.dimension, self.inputs = dimension, dimension + 1

    def draw(self, rng: np.random.Generator, batch: int, examples: int) -> Prompts:
        w = rng.standard_normal((batch, self.dimension, 1))
        x = rng.standard_normal((batch, examples, self.dimension))
        y = (x @ w)[..., 0]  # [B, N]
        tokens = np.zeros((batch, examples, 2, self.inputs), np.float32)
        tokens[:, :, 0, :-1] = x  # the tokens of x have x and 0, those of y zeros and y
        tokens[:, :, 1, -1] = y
        return Prompts(torch.from_numpy(tokens).flatten(1, 2), torch.from_numpy(y.astype(np.float32)))

    def losses(self, answers: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return (answers[..., 0] - y).square() / self.dimension

    errors = losses

    def at_best(self, prompts: Prompts) -> np.ndarray:
        """Least squares on the k examples before, the shortest w where they leave it open."""
        x, y = prompts.tokens[:, ::2, :-1].double().numpy(), prompts.y.double().numpy()  # [B, N, d], [B, N]
        answers = np.zeros_like(y)
        for k in range(1, y.shape[1]):
            w = np.linalg.pinv(x[:, :k]) @ y[:, :k, None]  # [B, d, 1]
            answers[:, k] = (x[:, k, None] @ w)[:, 0, 0]
        return (answers - y) ** 2 / self.dimension


class Lookup:
    """K keys and K values, a random value for each key. The error is the fraction of wrong answers."""

    error = "wrong answers"

    def __init__(self, dimension: int) -> None:
        self.keys = self.outputs = dimension
        self.inputs = 2 * dimension

    def draw(self, rng: np.random.Generator, batch: int, examples: int) -> Prompts:
        table = rng.integers(self.keys, size=(batch, self.keys))  # key -> value
        x = rng.integers(self.keys, size=(batch, examples))
        y = np.take_along_axis(table, x, 1)  # [B, N]
        both = np.stack((x, self.keys + y), 2).reshape(batch, -1)  # [B, 2 N]: keys, then values of the alphabet
        tokens = functional.one_hot(torch.from_numpy(both), self.inputs).float()
        return Prompts(tokens, torch.from_numpy(y))

    def losses(self, answers: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(answers.flatten(0, 1), y.flatten(), reduction="none").view(y.shape)

    def errors(self, answers: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return (answers.argmax(2) != y).float()

    def at_best(self, prompts: Prompts) -> np.ndarray:
        """A key that was seen is answered rightly, any other by chance: expected errors."""
        keys = prompts.tokens[:, ::2].argmax(2).numpy()  # [B, N]
        seen_before = (keys[:, :, None] == keys[:, None, :]) & np.tri(keys.shape[1], k=-1, dtype=bool)
        return np.where(seen_before.any(2), 0.0, 1 - 1 / self.keys)


FAMILIES: dict[str, Callable[[int], Family]] = {"linear": Linear, "lookup": Lookup}
