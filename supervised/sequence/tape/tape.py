"""Back-propagation by hand: reverse-mode differentiation on a tape of numpy arrays (Wengert 1964; Rumelhart 1986).

Every operation writes one line on the tape: its inputs, and how a gradient of its result becomes a gradient of each of
them (the vector-Jacobian product). `Tape.gradients` reads the tape once, from end to beginning, and sums the gradients
that arrive at each value:

    y = f(a, b)          dL/da += (dy/da)^T dL/dy,   dL/db += (dy/db)^T dL/dy

    tape = Tape()
    w = tape.watch(np.ones((3, 2)))
    loss = (x @ w).tanh().mean()
    (dw,) = tape.gradients(loss, [w])                    # [3, 2], the shape of w

Nothing else is needed to train any network. A tape is used once: each training step starts a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from supervised.sequence.tape.functions import Array, Functions, Pull, fitted, transposed


class Line(NamedTuple):
    """One operation on the tape."""

    result: int  # numbers of values, in the order in which they were made
    inputs: tuple[int, ...]
    pulls: tuple[Pull, ...]  # one an input


class Tape:
    """The list of operations so far, in order: a value comes after everything it was computed from."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.count = 0  # of values

    def watch(self, array: Array) -> Value:
        """A value that gradients may be asked for."""
        self.count += 1
        return Value(np.asarray(array), self, self.count - 1)

    def record(self, array: Array, *inputs: tuple[Value, Pull]) -> Value:
        """The result of an operation, with a pull for each of its inputs."""
        made = self.watch(array)
        self.lines.append(Line(made.number, tuple(a.number for a, _ in inputs), tuple(pull for _, pull in inputs)))
        return made

    def gradients(self, loss: Value, of: Sequence[Value]) -> list[Array]:
        """dloss/da for each `a` of `of`, shaped like it; zeros where the loss does not depend on it."""
        if loss.array.size != 1:
            raise ValueError(f"a loss is one number, not an array {loss.array.shape}; take its mean() or sum()")
        arrived: dict[int, Array] = {loss.number: np.ones_like(loss.array)}  # dL/dL = 1
        kept = {a.number for a in of}
        for line in reversed(self.lines):
            gradient = arrived.get(line.result)
            if gradient is None:
                continue  # the loss does not depend on it
            if line.result not in kept:
                del arrived[line.result]  # complete, since whatever used it came later on the tape
            for number, pull in zip(line.inputs, line.pulls, strict=True):
                part = pull(gradient)
                arrived[number] = arrived[number] + part if number in arrived else part
        return [arrived.get(a.number, np.zeros_like(a.array)) for a in of]


class Value(Functions):
    """An array on a tape. Operators work like numpy's, including broadcasting; the other side may be a plain array."""

    __array_ufunc__ = None  # array + value is left to the value

    def __init__(self, array: Array, tape: Tape, number: int) -> None:
        self.array, self.tape, self.number = array, tape, number

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    def from_me(self, y: Array, pull: Pull) -> Value:
        return self.tape.record(y, (self, pull))

    def __add__(self, other: Value | Array | float) -> Value:
        b, pulled = _side(other, lambda g: g)
        return self.tape.record(self.array + b, (self, fitted(self.array, lambda g: g)), *pulled)

    def __mul__(self, other: Value | Array | float) -> Value:
        a = self.array
        b, pulled = _side(other, lambda g: g * a)
        return self.tape.record(a * b, (self, fitted(self.array, lambda g: g * b)), *pulled)

    def __truediv__(self, other: Value | Array | float) -> Value:
        a = self.array
        b, pulled = _side(other, lambda g: -g * a / b**2)
        return self.tape.record(a / b, (self, fitted(self.array, lambda g: g / b)), *pulled)

    def __matmul__(self, other: Value | Array) -> Value:
        """[..., n, k] @ [k, m] or [..., k, m] -> [..., n, m]. dA = G B^T, dB = A^T G."""
        a = self.array
        b, pulled = _side(other, lambda g: transposed(a) @ g)
        return self.tape.record(a @ b, (self, fitted(self.array, lambda g: g @ transposed(b))), *pulled)

    def __rmatmul__(self, other: Array) -> Value:
        return self.from_me(other @ self.array, fitted(self.array, lambda g: transposed(other) @ g))

    def __pow__(self, power: float) -> Value:
        a = self.array
        return self.from_me(a**power, lambda g: g * power * a ** (power - 1))

    def __neg__(self) -> Value:
        return self * -1.0

    def __sub__(self, other: Value | Array | float) -> Value:
        return self + (-other)

    def __rsub__(self, other: Array | float) -> Value:
        return -self + other

    def mean(self, axis: int | None = None) -> Value:
        count = self.array.size if axis is None else self.array.shape[axis]
        return self.sum(axis) * (1 / count)

    def log_softmax(self) -> Value:
        """[..., K] -> log p [..., K]. Subtracting the largest, a constant, changes nothing and avoids overflow."""
        shifted = self - self.array.max(axis=-1, keepdims=True)
        return shifted - shifted.exp().sum(axis=-1, keepdims=True).log()

    __radd__ = __add__
    __rmul__ = __mul__


def _side(other: Value | Array | float, pull: Pull) -> tuple[Any, tuple[tuple[Value, Pull], ...]]:
    """The array of an operation's second input, and what is recorded of it: nothing if it is a constant."""
    if isinstance(other, Value):
        return other.array, ((other, fitted(other.array, pull)),)
    return other, ()
