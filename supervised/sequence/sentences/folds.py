"""k-fold cross-validation: every sentence is tested once, by a network that was trained without its fold."""

from __future__ import annotations

import numpy as np

from supervised.sequence.sentences.training import Training
from supervised.systems.study import Measured
from tengen.statistics import wilson


class Folds:
    """Which sentences each training leaves out, and how many of them its network then classified correctly."""

    def __init__(self, sentences: int, folds: int, steps: int, rng: np.random.Generator) -> None:
        """Deal `sentences` out to `folds` folds; `steps`: gradient steps of all trainings together."""
        self.count = min(folds, sentences)
        self.each = max(1, steps // self.count)  # gradient steps per training
        self.total_steps = self.each * self.count
        parts = max(10, self.count) if self.count == 1 else self.count
        self.part = rng.permutation(sentences) % parts  # [N]
        self.right: list[int] = []  # for each finished training

    def at(self, step: int) -> int:
        """The fold held out at this step."""
        return min(step // self.each, self.count - 1)

    def tested(self) -> int:
        """Number of sentences tested by the finished trainings."""
        return int((self.part < len(self.right)).sum())

    def accuracy(self) -> float:
        return sum(self.right) / self.tested()

    def measured(self, training: Training, about: str, data_set: str) -> Measured:
        """The accuracy over all finished trainings; before the first is finished, that of `training`."""
        right, count = (sum(self.right), self.tested()) if self.right else (training.count_right(), len(training.test))
        folds = f"{len(self.right)} of {self.count} folds, each sentence tested by a network that did not see it"
        each = [n / int((self.part == i).sum()) for i, n in enumerate(self.right)]
        return Measured(
            metric="accuracy",
            value=right / count,
            ci95=wilson(right / count, count),
            measured_on=f"{count:,} sentences",
            better="higher",
            protocol=f"{folds if self.count > 1 else 'a tenth held out'}; last step, no early stopping{about}",
            also={"worst fold": min(each), "best fold": max(each)} if self.count > 1 and each else {},
            data_set=data_set,
        )
