"""The autograd tape: finite differences for every operation, parity with PyTorch's autograd, and learning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from supervised.sequence.tape import network
from supervised.sequence.tape.config import Config
from supervised.sequence.tape.study import TapeStudy
from supervised.sequence.tape.tape import Tape, Value
from supervised.systems.settings import SystemSettings
from supervised.systems.study import Setup
from tengen.checkpoint import differences
from tengen.seeding import Seeds

RANDOM = np.random.default_rng(0)
A, B = RANDOM.standard_normal((3, 4)), RANDOM.standard_normal((4, 2))
ROW, POSITIVE = RANDOM.standard_normal((1, 4)), RANDOM.random((3, 4)) + 0.5
BATCH = RANDOM.standard_normal((5, 3, 4))  # a batch of matrices

OPERATIONS: dict[str, tuple[Callable[..., Value], list[np.ndarray]]] = {
    "add": (lambda a, b: a + b, [A, ROW]),
    "subtract": (lambda a, b: a - b, [A, ROW]),
    "subtract from a constant": (lambda a: 2.0 - a, [A]),
    "multiply": (lambda a, b: a * b, [A, ROW[0]]),
    "divide": (lambda a, b: a / b, [A, POSITIVE]),
    "power": (lambda a: a**3, [A]),
    "matmul": (lambda a, b: a @ b, [A, B]),
    "matmul of a batch": (lambda a, b: a @ b, [BATCH, B]),
    "matmul with a constant in front": (lambda b: A @ b, [B]),
    "exp": (lambda a: a.exp(), [A]),
    "log": (lambda a: a.log(), [POSITIVE]),
    "tanh": (lambda a: a.tanh(), [A]),
    "sigmoid": (lambda a: a.sigmoid(), [A]),
    "relu": (lambda a: a.relu(), [A]),
    "sum": (lambda a: a.sum(), [A]),
    "sum over an axis": (lambda a: a.sum(axis=0), [A]),
    "mean over an axis": (lambda a: a.mean(axis=1), [A]),
    "reshape": (lambda a: a.reshape(2, 6), [A]),
    "transpose": (lambda a: a.transpose(2, 0, 1), [BATCH]),
    "take, some twice": (lambda a: a[np.array([0, 2, 2])], [A]),
    "log softmax": (lambda a: a.log_softmax(), [A]),
    "used twice": (lambda a: a * a + a.tanh(), [A]),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_gradients_are_finite_differences(name: str) -> None:
    """Central differences of a weighted sum of each operation's result, entry by entry."""
    operation, arrays = OPERATIONS[name]
    probe = np.random.default_rng(1).standard_normal(operation(*map(Tape().watch, arrays[:1]), *arrays[1:]).shape)

    def loss(arrays: list[np.ndarray]) -> tuple[Tape, list[Value], Value]:
        tape = Tape()
        watched = [tape.watch(array) for array in arrays]
        return tape, watched, (operation(*watched) * probe).sum()

    tape, watched, result = loss(arrays)
    gradients = tape.gradients(result, watched)
    for i, array in enumerate(arrays):
        numeric = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [a.copy() for a in arrays]
                moved[i][place] += step
                ends.append(float(loss(moved)[2].array))
            numeric[place] = (ends[0] - ends[1]) / 2e-6
        assert gradients[i].shape == array.shape
        np.testing.assert_allclose(gradients[i], numeric, atol=1e-7, rtol=1e-6)


def test_by_hand() -> None:
    """y = (a b + a)^2 at a = 2, b = 3: dy/da = 2 (a b + a)(b + 1) = 64, dy/db = 2 (a b + a) a = 32."""
    tape = Tape()
    a, b, unused = (tape.watch(np.array(x)) for x in (2.0, 3.0, 1.0))
    assert [float(g) for g in tape.gradients((a * b + a) ** 2, [a, b, unused])] == [64, 32, 0]


def test_a_loss_is_one_number() -> None:
    tape = Tape()
    with pytest.raises(ValueError, match="mean"):
        tape.gradients(tape.watch(A), [])


def test_a_network_has_autograds_gradients() -> None:
    weights = network.initial([6, 5, 4, 3], np.random.default_rng(2))
    x, labels = RANDOM.standard_normal((7, 6)).astype(np.float32), RANDOM.integers(3, size=7)
    loss, _, gradients = network.loss_and_gradients(x, labels, weights)
    theirs = {name: torch.from_numpy(w.copy()).requires_grad_() for name, w in weights.items()}
    h = torch.from_numpy(x)
    for i in range(3):
        h = h @ theirs[f"{i}.weight"] + theirs[f"{i}.bias"]
        h = h.relu() if i < 2 else h
    expected = functional.cross_entropy(h, torch.from_numpy(labels))
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-6)
    for name, gradient in gradients.items():
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(gradient, theirs[name].grad.numpy(), rtol=1e-4, atol=1e-6)


def test_adam_is_pytorchs() -> None:
    weights = network.initial([3, 2], np.random.default_rng(3))
    theirs = [torch.from_numpy(w.copy()).requires_grad_() for w in weights.values()]
    library, own = torch.optim.Adam(theirs, lr=0.01), network.Adam(weights)
    for step in range(3):
        gradients = {name: np.full_like(w, step - 0.5) for name, w in weights.items()}
        own.follow(weights, gradients, 0.01)
        for weight, gradient in zip(theirs, gradients.values(), strict=True):
            weight.grad = torch.from_numpy(gradient)
        library.step()
    for w, weight in zip(weights.values(), theirs, strict=True):
        np.testing.assert_allclose(w, weight.detach().numpy(), rtol=1e-5)


def test_digits_are_learned_and_resumed(tmp_path: Path) -> None:
    """95 % of the held-out digits within 300 steps; resumed equals uninterrupted."""
    settings = SystemSettings(steps=300, test_every=100)

    def new() -> TapeStudy:
        return TapeStudy(Setup("digits", settings, Config(batch=64), Seeds(1), None))

    whole, half, rest = new(), new(), new()
    rows = [tick.metrics for tick in whole.ticks()]
    assert whole.measure().value > 0.95
    ticks = half.ticks()
    first = [next(ticks).metrics for _ in range(5)]
    rest.load(half.state())
    assert first + [tick.metrics for tick in rest.ticks()] == rows
    assert differences(rest.state(), whole.state()) == []
    assert whole.pictures(tmp_path)[0].stat().st_size > 1000
