"""Pictures with classes for generative models, and the classifier that judges the generated ones."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import torch

from supervised.data.pictures import grey_pictures
from supervised.data.source import Order
from supervised.generative.judge import Judge, train_judge
from supervised.systems.study import Setup
from tengen.device import Compute


class Judged:
    """The training pictures of a task in [-1, 1], and its judge, trained when first used."""

    def __init__(self, setup: Setup) -> None:
        found = grey_pictures(setup.task, setup.settings.data, setup.say)
        self.found, self.about, self.classes = found.pictures, found.about, list(found.pictures.classes)
        self.pictures, self.labels = found.pictures.train
        self.fingerprint = found.pictures.fingerprint
        self.order, self.setup = Order(len(self.labels), setup.seeds.integer("order")), setup
        self.counted = False  # whether the judge's training is shown: not while a display of the training is
        self.threads = setup.compute.threads if setup.compute else setup.settings.threads

    @property
    def shape(self) -> tuple[int, int, int]:
        height, width, planes = self.pictures.shape[1:]
        return (planes, height, width)

    def batch(self, step: int, size: int, compute: Compute) -> tuple[torch.Tensor, torch.Tensor]:
        """Pictures [B, C, H, W] in [-1, 1] and classes [B] of gradient step `step`."""
        return self.at(self.order(step * size, (step + 1) * size), compute)

    def at(self, rows: np.ndarray, compute: Compute) -> tuple[torch.Tensor, torch.Tensor]:
        x = torch.from_numpy(self.pictures[rows].transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1)
        labels = torch.from_numpy(self.labels[rows].astype(np.int64))
        if compute.channels_last:
            x = x.contiguous(memory_format=torch.channels_last)
        return x.to(compute.device), labels.to(compute.device)

    @cached_property
    def judge(self) -> Judge:
        self.setup.say("training the classifier that judges the generated pictures")
        return train_judge(self.found, self.threads or torch.get_num_threads(), self.counted)

    def protocol(self) -> str:
        """What the judge is and how good on real pictures."""
        return (
            f"judged by a LeNet trained on {self.about} within the measurement: {self.judge.accuracy:.2%} right on "
            f"held-out real pictures, at least 0.9 sure of {self.judge.sure:.1%} of them"
        )


def as_bytes(x: torch.Tensor) -> np.ndarray:
    """Pictures [B, C, H, W] in [-1, 1] as bytes."""
    found: np.ndarray = ((x.float().clamp(-1, 1) + 1) * 127.5).round().byte().contiguous().cpu().numpy()
    return found


def shown(x: torch.Tensor) -> np.ndarray:
    """[B, H, W] bytes of grey pictures [B, 1, H, W] in [-1, 1], for a grid."""
    return as_bytes(x)[:, 0]


def class_number(name: str, classes: list[str]) -> int | None:
    """The class that `--class` names, by name or number; None for an empty name."""
    from tengen.errors import unknown

    if not name:
        return None
    if name in classes:
        return classes.index(name)
    if name.isdigit() and int(name) < len(classes):
        return int(name)
    raise unknown("class", name, classes)


def load(model: Any, weights: dict[str, torch.Tensor]) -> Any:
    model.load_state_dict(weights)
    return model.eval()
