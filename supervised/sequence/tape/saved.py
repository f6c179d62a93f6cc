"""Checkpoints of a training with the tape: numpy arrays as tensors, and back."""

from __future__ import annotations

from typing import Any

import torch

from supervised.sequence.tape.network import Adam, Weights
from tengen.checkpoint import Tree
from tengen.errors import UserError


class Saved:
    """The part of a `Study` that is saved and restored."""

    network: dict[str, Any]
    weights: Weights
    adam: Adam
    step: int

    def state(self) -> Tree:
        adam = {"step": self.adam.step, "m": _tensors(self.adam.m), "v": _tensors(self.adam.v)}
        return {"network": self.network, "weights": _tensors(self.weights), "adam": adam, "step": self.step}

    def load(self, tree: Tree) -> None:
        self.adopt(tree["weights"])
        adam = tree["adam"]
        self.adam.step, self.adam.m, self.adam.v = adam["step"], _arrays(adam["m"]), _arrays(adam["v"])
        self.step = tree["step"]

    def adopt(self, weights: dict[str, torch.Tensor]) -> None:
        """Take the weights of a trained network. UserError where they have other shapes."""
        given = _arrays(weights)
        if {name: w.shape for name, w in given.items()} != {name: w.shape for name, w in self.weights.items()}:
            raise UserError("the weights belong to another network: was config.yaml changed?")
        self.weights = given


def _tensors(weights: Weights) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(w.copy()) for name, w in weights.items()}


def _arrays(weights: dict[str, torch.Tensor]) -> Weights:
    return {name: w.numpy().copy() for name, w in weights.items()}
