"""Learn pictures and labels with nothing but numpy: `tengen train digits --impl tape`.

    for step in range(total_steps):  loss, g = gradients of the tape;  Adam follows g

The weights are in a checkpoint like every network's; PyTorch computes nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from supervised.data.pictures import grey_pictures
from supervised.data.sets import Pictures, digits
from supervised.data.source import Order
from supervised.schedules import lr_fraction
from supervised.sequence.tape.config import Config
from supervised.sequence.tape.network import Adam, Weights, initial, log_probabilities, loss_and_gradients
from supervised.sequence.tape.saved import Saved
from supervised.systems.precision import in_float32
from supervised.systems.study import Measured, Setup
from tengen.bounds import repeated
from tengen.display import Words
from tengen.errors import UserError
from tengen.figures import pyplot, write
from tengen.metrics import Stopwatch, Tick
from tengen.seeding import Seeds
from tengen.statistics import wilson

TICK = 50  # gradient steps between two ticks


class TapeStudy(Saved):
    """A `Study`; its steps are gradient steps."""

    words = Words("gradient steps", "test/accuracy", "held-out accuracy", ("learning", "testing"), ("loss",), True)

    def __init__(self, setup: Setup) -> None:
        self.config: Config = setup.config
        self.task, self.seeds = setup.task, Seeds(setup.settings.seed)
        self.compute = setup.compute or in_float32(setup.settings)
        self.measured: dict[str, float] = {}
        pictures, self.about = _pictures(setup)
        self.fingerprint = pictures.fingerprint
        self.train, self.test = (_flat(*part) for part in (pictures.train, pictures.test))
        hidden = repeated(self.config.hidden, self.config.layers)
        sizes = [self.train[0].shape[1], *hidden, len(pictures.classes)]
        self.network: dict[str, Any] = {"sizes": sizes}
        self.weights: Weights = initial(sizes, self.seeds.numpy("network"))
        self.adam = Adam(self.weights)
        self.order = Order(len(self.train[0]), self.seeds.integer("order"))
        self.total_steps = setup.settings.steps
        cost = len(self.test[0]) / (3 * self.config.batch)  # only forwards
        self.test_every = setup.settings.test_interval(self.total_steps, cost)
        self.step = 0
        self.watch = Stopwatch()

    def ticks(self) -> Iterator[Tick]:
        every = min(TICK, self.test_every)
        while self.step < self.total_steps:
            before, losses = self.step, list[float]()
            # matrices this small are multiplied faster by one thread than shared out among several
            with self.watch("learning"), threadpool_limits(1, "blas"):
                while len(losses) < every and self.step < self.total_steps:
                    losses.append(self.learn())
            metrics = {"loss": float(np.mean(losses)), "lr": self.lr()}
            if self.step // self.test_every > before // self.test_every or self.step >= self.total_steps:
                with self.watch("testing"):
                    accuracy = float(self.right().mean())
                metrics |= {"test/accuracy": accuracy, "test/score": accuracy}
            yield Tick(self.step, metrics, self.watch.take())

    def learn(self) -> float:
        """One gradient step; the loss in nats an example."""
        chosen = self.order(self.step * self.config.batch, (self.step + 1) * self.config.batch)  # [B]
        loss, _, gradients = loss_and_gradients(self.train[0][chosen], self.train[1][chosen], self.weights)
        if not np.isfinite(loss):
            raise UserError(f"the loss is {loss} at step {self.step:,}: the training diverged; try a lower --lr")
        self.adam.follow(self.weights, gradients, self.lr())
        self.step += 1
        return loss

    def lr(self) -> float:
        return self.config.lr * lr_fraction("cosine", self.step / self.total_steps)

    def right(self) -> np.ndarray:
        """Which of the held-out pictures are classified rightly [N]."""
        found: np.ndarray = log_probabilities(self.test[0], self.weights).argmax(1) == self.test[1]
        return found

    def measure(self) -> Measured:
        right = self.right()
        return Measured(
            metric="accuracy",
            value=float(right.mean()),
            ci95=wilson(float(right.mean()), len(right)),
            measured_on=f"{len(right):,} pictures",
            better="higher",
            protocol=f"all held-out pictures of {self.about}",
        )

    def remarks(self) -> list[str]:
        count = sum(w.size for w in self.weights.values())
        sizes = "-".join(map(str, self.network["sizes"]))
        return [
            f"{self.about}: {len(self.train[0]):,} pictures to learn from",
            f"{sizes}, {count:,} weights; computing with numpy",
        ]

    def pictures(self, folder: Path) -> list[Path]:
        """filters.png: what each unit of the first layer looks for."""
        filters = self.weights["0.weight"].T  # [H, pixels]
        side = int(np.sqrt(filters.shape[1]))
        if side * side != filters.shape[1]:
            return []
        figure, grid = pyplot().subplots(8, 16, figsize=(12, 6), layout="constrained")
        for axes in grid.flat:
            axes.set_axis_off()
        for axes, one in zip(grid.flat, filters, strict=False):
            most = np.abs(one).max()
            axes.imshow(one.reshape(side, side), cmap="RdBu", vmin=-most, vmax=most)
        write(figure, folder / "filters.png")
        return [folder / "filters.png"]


def _pictures(setup: Setup) -> tuple[Pictures, str]:
    """The pictures of the task, and what they are."""
    if setup.task != "digits":
        return grey_pictures(setup.task, setup.settings.data, setup.say)
    return digits(setup.settings.data, setup.say), "scikit-learn's digits"


def _flat(pictures: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bytes [N, H, W, C] -> [N, pixels] from 0 to 1, and labels [N]."""
    return pictures.reshape(len(pictures), -1).astype(np.float32) / 255, labels
