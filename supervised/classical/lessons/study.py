"""A lesson as a training: it takes its measurements one by one, and plots them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from supervised.systems.study import Measured, Setup
from tengen import figures
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.display import Words
from tengen.lookup import find
from tengen.metrics import Stopwatch, Tick

LESSONS = {
    "bias-variance": "supervised.classical.lessons.bias_variance:BiasVariance",
    "n-step": "agents.common.n_step_lesson:NStep",
    "over-fitting": "supervised.classical.lessons.sample_size:OverFitting",
    "sample-size": "supervised.classical.lessons.sample_size:SampleSize",
    "shattering": "supervised.classical.lessons.shattering:Shattering",
    "vanishing-gradients": "supervised.classical.lessons.gradients:VanishingGradients",
    "ravine": "supervised.classical.lessons.ravine:Ravine",
}


class Lesson(Protocol):
    """Made from (seed, noise, steps)."""

    arrays: dict[str, np.ndarray]  # what has been measured so far
    total: int  # measurements

    def measure(self, number: int) -> dict[str, float]:
        """Make measurement `number`, which follows from it and the seed, and keep it in `arrays`."""
        ...

    def answer(self) -> tuple[str, float, str, dict[str, float | str]]:
        """(what, how far it is from what the theory says, the protocol, further numbers)."""
        ...

    def draw(self, figure: Any) -> None: ...


class LessonStudy:
    """A `Study` of a lesson; its steps are measurements."""

    words = Words("measurements", "test/distance", "distance from the theory", ("measuring",))
    measures = "how far all of its measurements are from the theory"  # nothing is held out

    def __init__(self, setup: Setup) -> None:
        from threadpoolctl import threadpool_limits

        self.compute = Compute("cpu", 1, channels_last=False)
        threadpool_limits(1)  # the matrices are small
        self.measured: dict[str, float] = {}
        self.name = setup.config.lesson
        made = find(LESSONS[self.name])
        self.lesson: Lesson = made(setup.seeds.integer("lesson"), setup.config.noise, setup.settings.steps)
        self.network = {"lesson": self.name}
        self.total_steps, self.step = self.lesson.total, 0
        self.watch = Stopwatch()

    def ticks(self) -> Iterator[Tick]:
        while self.step < self.total_steps:
            with self.watch("measuring"):
                metrics = self.lesson.measure(self.step)
            self.step += 1
            if self.step == self.total_steps:
                metrics = metrics | {"test/distance": self.lesson.answer()[1], "test/score": -self.lesson.answer()[1]}
            yield Tick(self.step, metrics, self.watch.take())

    def state(self) -> Tree:
        weights = {name: torch.from_numpy(value.copy()) for name, value in self.lesson.arrays.items()}
        return {"network": self.network, "weights": weights, "step": self.step}

    def load(self, tree: Tree) -> None:
        self.lesson.arrays = {name: value.numpy().copy() for name, value in tree["weights"].items()}
        self.step = tree["step"]

    def remarks(self) -> list[str]:
        return [" ".join((type(self.lesson).__doc__ or "").split())]

    def measure(self) -> Measured:
        what, value, protocol, also = self.lesson.answer()
        return Measured(what, value, None, f"{self.step:,} measurements", "lower", protocol, also)

    def pictures(self, folder: Path) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        figure = figures.pyplot().figure(figsize=(8, 5), layout="constrained")
        self.lesson.draw(figure)
        for axes in figure.axes:
            axes.grid(alpha=0.25)
            axes.spines[["top", "right"]].set_visible(False)
        figures.write(figure, folder / f"{self.name}.png")
        return [folder / f"{self.name}.png"]
