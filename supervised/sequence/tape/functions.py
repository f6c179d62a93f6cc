"""Functions of one array, each with its pull: how a gradient of the result becomes one of the input (tape.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
Pull: TypeAlias = Callable[[Array], Array]
"""dL/dy, shaped like an operation's result -> dL/da, shaped like one of its inputs (up to broadcasting)."""


class Functions:
    """Functions of `array`; `from_me` records the result."""

    array: Array

    def from_me(self, y: Array, pull: Pull) -> Self:
        """The value of `y`, computed from this one alone."""
        raise NotImplementedError

    def exp(self) -> Self:
        y = np.exp(self.array)
        return self.from_me(y, lambda g: g * y)

    def log(self) -> Self:
        a = self.array
        return self.from_me(np.log(a), lambda g: g / a)

    def tanh(self) -> Self:
        y = np.tanh(self.array)
        return self.from_me(y, lambda g: g * (1 - y**2))

    def sigmoid(self) -> Self:
        y = 0.5 * (1 + np.tanh(0.5 * self.array))  # the same function, and no overflow
        return self.from_me(y, lambda g: g * y * (1 - y))

    def relu(self) -> Self:
        on = self.array > 0
        return self.from_me(self.array * on, lambda g: g * on)

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Self:
        a = self.array

        def pull(g: Array) -> Array:
            g = g if axis is None or keepdims else np.expand_dims(g, axis)
            return np.broadcast_to(g, a.shape)

        return self.from_me(np.asarray(a.sum(axis=axis, keepdims=keepdims)), pull)

    def reshape(self, *shape: int) -> Self:
        return self.from_me(self.array.reshape(shape), lambda g: g.reshape(self.array.shape))

    def transpose(self, *axes: int) -> Self:
        back = np.argsort(axes)
        return self.from_me(self.array.transpose(axes), lambda g: g.transpose(back))

    def __getitem__(self, index: Any) -> Self:
        """What numpy's indexing gives; entries that are taken twice get both gradients."""

        def pull(g: Array) -> Array:
            whole = np.zeros_like(self.array)
            np.add.at(whole, index, g)
            return whole

        return self.from_me(self.array[index], pull)


def fitted(a: Array, pull: Pull) -> Pull:
    """`pull`, then summed over the axes along which `a` was repeated by broadcasting."""

    def fit(g: Array) -> Array:
        g = pull(g)
        g = g.sum(axis=tuple(range(g.ndim - a.ndim)))  # axes that broadcasting put in front
        repeated = tuple(i for i, n in enumerate(a.shape) if n == 1 and g.shape[i] > 1)
        return g.sum(axis=repeated, keepdims=True) if repeated else g

    return fit


def transposed(a: Array) -> Array:
    return np.swapaxes(a, -1, -2)
