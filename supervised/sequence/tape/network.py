"""A multilayer perceptron and its optimiser on the tape, trained by `tengen train digits --impl tape`.

h_0 = x,  h_i = relu(h_{i-1} W_i + b_i),  log p = log softmax(h_L)          (no relu in the last layer)
loss = -mean log p(label)
Adam (Kingma & Ba 2014, algorithm 1) on dloss/dW, dloss/db from the tape
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from supervised.sequence.tape.functions import Array
from supervised.sequence.tape.tape import Tape, Value
from tengen.bounds import claim

Weights = dict[str, Array]  # "0.weight" [in, out], "0.bias" [out], "1.weight" …


def initial(sizes: list[int], random: np.random.Generator) -> Weights:
    """Weights with standard deviation sqrt(2 / inputs) (He 2015, arXiv:1502.01852), biases 0."""
    weights: Weights = {}
    for i, (inputs, outputs) in enumerate(pairwise(sizes)):
        claim(inputs * outputs)
        scale = np.sqrt(2 / inputs)
        weights[f"{i}.weight"] = (scale * random.standard_normal((inputs, outputs))).astype(np.float32)
        weights[f"{i}.bias"] = np.zeros(outputs, np.float32)
    return weights


def logits(x: Value | Array, weights: dict[str, Value]) -> Value:
    """[B, inputs] -> [B, outputs]."""
    layers = len(weights) // 2
    for i in range(layers):
        out = x @ weights[f"{i}.weight"] + weights[f"{i}.bias"]
        x = out.relu() if i < layers - 1 else out
    assert isinstance(x, Value)
    return x


def loss_and_gradients(x: Array, labels: Array, weights: Weights) -> tuple[float, float, Weights]:
    """(loss in nats per example, accuracy, gradients) of a batch `x` [B, inputs] with `labels` [B]."""
    tape = Tape()
    watched = {name: tape.watch(array) for name, array in weights.items()}
    log_p = logits(x, watched).log_softmax()  # [B, K]
    loss = -log_p[np.arange(len(x)), labels].mean()
    gradients = tape.gradients(loss, list(watched.values()))
    accuracy = float((log_p.array.argmax(1) == labels).mean())
    return float(loss.array), accuracy, dict(zip(weights, gradients, strict=True))


def log_probabilities(x: Array, weights: Weights) -> Array:
    """[B, inputs] -> log p [B, K], without gradients."""
    tape = Tape()
    return logits(x, {name: tape.watch(array) for name, array in weights.items()}).log_softmax().array


class Adam:
    """m and v of each weight; `follow` updates the weights in place."""

    def __init__(self, weights: Weights, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> None:
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.step = 0
        self.m = {name: np.zeros_like(w) for name, w in weights.items()}
        self.v = {name: np.zeros_like(w) for name, w in weights.items()}

    def follow(self, weights: Weights, gradients: Weights, lr: float) -> None:
        self.step += 1
        for name, g in gradients.items():
            self.m[name] = self.beta1 * self.m[name] + (1 - self.beta1) * g
            self.v[name] = self.beta2 * self.v[name] + (1 - self.beta2) * g**2
            m_hat = self.m[name] / (1 - self.beta1**self.step)
            v_hat = self.v[name] / (1 - self.beta2**self.step)
            weights[name] -= (lr * m_hat / (np.sqrt(v_hat) + self.eps)).astype(np.float32)
