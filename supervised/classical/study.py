"""Training a classical learner: in steps, with tests in between, and resumable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

from supervised.classical.bags import sentences
from supervised.classical.catalogue import LEARNERS
from supervised.classical.config import OfExamples
from supervised.classical.data import Data, pictures
from supervised.classical.estimator import Learner
from supervised.classical.scores import measured_by, words_of
from supervised.systems.study import Measured, Setup
from tengen.checkpoint import Tree
from tengen.compiling import without_compiling
from tengen.device import Compute, cores
from tengen.errors import UserError, first_line
from tengen.lookup import find
from tengen.metrics import Stopwatch, Tick
from tengen.plural import counted


class ClassicalStudy:
    """A `Study` of a learner (estimator.py) on pictures or sentences; its steps are those of `Learner.grow`."""

    def __init__(self, setup: Setup) -> None:
        config, settings = setup.config, setup.settings
        threads = setup.compute.threads if setup.compute else settings.threads or cores()
        self.compute = Compute("cpu", threads, channels_last=False)
        self.measured: dict[str, float] = {}
        self.data = _load(setup)
        self.fingerprint = self.data.fingerprint
        self.learner = make(config.learner, asdict(config), settings.steps, threads, settings.seed)
        self.name, self.task = config.learner, setup.task
        _limit(threads)
        y = self.data.y if len(self.data.classes) else None
        try:
            self.X, self.y = self.learner.begin(self.data.X, y)
        except (ValueError, TypeError, MemoryError) as error:
            raise UserError(f"{config.learner} cannot be trained on this data: {first_line(error)}") from error
        self.total_steps = self.learner.total
        self.test_every = settings.test_interval(self.total_steps, 250 if self.name == "tsne" else 0.5)
        self.network = {"learner": self.name, "parameters": _plain(self.learner), "classes": list(self.data.classes)}
        self.words = words_of(self.learner, self.name)
        self.measures = "neighbours kept on the map, of the examples that are on it" if self.name == "tsne" else ""
        self.step = 0
        self.watch = Stopwatch()

    def ticks(self) -> Iterator[Tick]:
        growth = self.learner.grow(self.X, self.y)
        while self.step < self.total_steps:
            with without_compiling(self.watch, "learning"):
                grown = next(growth, None)
            if grown is None:  # it has converged
                self.step = self.total_steps
                yield Tick(self.step, self._tested({}), self.watch.take())
                return
            before, self.step = self.step, min(self.step + self.learner.stride, self.total_steps)
            metrics = dict(grown)
            if self.step // self.test_every > before // self.test_every or self.step == self.total_steps:
                metrics = self._tested(metrics)
            yield Tick(self.step, metrics, self.watch.take())

    def _tested(self, metrics: dict[str, float]) -> dict[str, float]:
        with without_compiling(self.watch, "testing"):
            found = measured_by(self.learner, self.name, self.data)
        better = found.value if found.better == "higher" else -found.value
        numbers = {name: value for name, value in found.also.items() if not isinstance(value, str)}
        return (
            metrics
            | {f"test/{found.metric}": found.value, "test/score": better}
            | {f"test/{name}": float(value) for name, value in numbers.items()}
        )

    def state(self) -> Tree:
        weights = {name: torch.from_numpy(np.array(value)) for name, value in self.learner.learned().items()}
        return {"network": self.network, "weights": weights, "step": self.step}

    def load(self, tree: Tree) -> None:
        learned = {name: value.numpy() for name, value in tree["weights"].items()}
        for name in ("n_features_in_", "classes_"):
            if name in learned and not np.array_equal(learned[name], getattr(self.learner, name, ())):
                raise UserError(f"{self.name} was trained on other data; give the original with --data")
        self.learner.restore(learned, self.X.shape[0])
        self.step = tree["step"]

    def remarks(self) -> list[str]:
        return [self.data.about, f"{self.name}, computing on {counted(self.compute.threads, 'threads')}"]

    def measure(self) -> Measured:
        return measured_by(self.learner, self.name, self.data)

    def pictures(self, folder: Path) -> list[Path]:
        from supervised.classical.pictures import draw

        return draw(self.learner, self.name, self.task, self.data, folder)


def make(name: str, settings: dict[str, Any], steps: int, threads: int, seed: int) -> Learner:
    """The learner `name`, with those of `settings` that are its parameters."""
    made = LEARNERS[name]
    kind = find(made.where)
    own = {field.name for field in fields(kind)}
    given = {key: value for key, value in settings.items() if key in own}
    given |= {made.length: steps} if made.length else {}
    given |= {key: value for key, value in (("threads", threads), ("random_state", seed)) if key in own}
    learner: Learner = kind(**given)
    return learner


def learner_of(network: dict[str, Any], weights: dict[str, torch.Tensor]) -> Learner:
    """Rebuild a trained learner from a checkpoint."""
    learner: Learner = find(LEARNERS[network["learner"]].where)(**network["parameters"])
    return learner.restore({name: value.numpy() for name, value in weights.items()})


def _plain(learner: Learner) -> dict[str, Any]:
    """The parameters except the number of threads."""
    return {name: value for name, value in learner.get_params().items() if name != "threads"}


def _load(setup: Setup) -> Data:
    config, settings = setup.config, setup.settings
    if setup.task != "sentences" and config.words != OfExamples.words:
        raise UserError("--words is for sentences, not pictures")
    if setup.task == "sentences":
        return sentences(settings.data, config.examples, config.words, setup.say)
    patch = getattr(config, "patch", 0)
    return pictures(setup.task, settings.data, config.examples, patch, setup.seeds.integer("patches"), setup.say)


def _limit(threads: int) -> None:
    """Set the number of threads for NumPy's matrix products."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(threads)
