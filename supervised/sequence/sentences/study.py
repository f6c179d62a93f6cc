"""Cross-validation of a sentence classifier: successive trainings, each on nine tenths of the sentences.

The remaining tenth is the test set. Folds and batches follow from the seed, so the state is only the network in
training, its optimiser, and the finished networks' counts of correct answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from supervised.data import sentences as data
from supervised.data.known import fingerprint, known_set
from supervised.nets.headed import build, load_weights
from supervised.optim import load_optimiser, optimiser_state
from supervised.sequence.sentences import show
from supervised.sequence.sentences.config import Config
from supervised.sequence.sentences.folds import Folds
from supervised.sequence.sentences.given import Given, given_trunk, put_under, remark_on, renumbered, spec_of, trunk_of
from supervised.sequence.sentences.training import Training
from supervised.systems.precision import in_float32
from supervised.systems.study import Measured, Setup
from tengen.checkpoint import Tree
from tengen.display import Words
from tengen.metrics import Stopwatch, Tick
from tengen.plural import counted

WORDS = Words(
    "gradient steps", "test/accuracy", "held-out accuracy", ("learning", "testing"), ("fold", "loss"), percent=True
)
_TICK = 20  # gradient steps


class FoldStudy:
    """A `Study`; its steps are gradient steps over all trainings."""

    def __init__(self, setup: Setup) -> None:
        config: Config = setup.config
        self.config, self.seeds, self.words = config, setup.seeds, WORDS
        self.compute = setup.compute or in_float32(setup.settings)
        self.measured: dict[str, float] = {}
        self.sentences = data.read(setup.settings.data, setup.say)
        count = len(self.sentences.texts)
        self.data_set = known_set("\n".join(sorted(self.sentences.texts)).encode())
        self.fingerprint = fingerprint("\n".join(self.sentences.texts).encode(), self.sentences.labels)
        self.folds = Folds(count, config.folds, setup.settings.steps, setup.seeds.numpy("folds"))
        self.each, self.total_steps = self.folds.each, self.folds.total_steps
        cost = count / 10 / (3 * config.batch)  # a tenth of the sentences, forward passes only
        self.test_every = setup.settings.test_interval(self.each, cost, most=4)
        self.trunk_name, self.freeze = setup.settings.trunk, setup.settings.freeze_trunk
        self.given: Given | None = None  # set by `load` when a run is resumed
        if self.trunk_name and (setup.compute is None or setup.anew is not None):
            self.given = given_trunk(self.trunk_name, setup.runs, setup.anew)
        self.began_from = self.given.origin if self.given else None
        self._describe()
        self.step = 0
        self.watch = Stopwatch()
        self._begin()

    def _describe(self) -> None:
        """Describe the network; with a given trunk, first renumber the words to match it."""
        if self.given:
            self.sentences = renumbered(self.sentences, self.given.words)
        self.spec = spec_of(self.config, self.sentences, self.given)
        self.network = self.spec | {"words": self.sentences.words, "classes": self.sentences.classes}

    def _begin(self) -> None:
        """A new network for the fold of this step."""
        fold = self.folds.at(self.step)
        net = build(self.spec, self.seeds.integer("network", fold))
        if self.given:
            put_under(self.given, net, self.freeze)
        self.training = Training(
            net, self.sentences, self.folds.part, fold, self.each, self.config, self.seeds, self.compute
        )

    def ticks(self) -> Iterator[Tick]:
        while self.step < self.total_steps:
            if self.step % self.each == 0 and self.step // self.each != self.training.fold:
                self._begin()
            losses: list[float] = []
            self.training.net.train()
            with self.watch("learning"):
                while len(losses) < _TICK and (not losses or self.step % self.each):
                    losses.append(self.training.learn(self.step))
                    self.step += 1
            lr = self.training.lr(self.step)
            metrics = {"loss": float(np.mean(losses)), "fold": self.training.fold + 1, "lr": lr}
            ended = self.step % self.each == 0
            if ended or self.step // self.test_every > (self.step - len(losses)) // self.test_every:
                with self.watch("testing"):
                    right = self.training.count_right()
                accuracy = right / len(self.training.test)
                metrics |= {"test/accuracy": accuracy, "test/score": accuracy}
                if ended:
                    self.folds.right.append(right)
                    metrics["test/mean_accuracy"] = metrics["test/score"] = self.folds.accuracy()
            yield Tick(self.step, metrics, self.watch.take())

    def measure(self) -> Measured:
        data_set = "" if self.given else self.data_set
        return self.folds.measured(self.training, f" ({self.sentences.about}){self._began()}", data_set)

    def _began(self) -> str:
        """The caveat for the card when training started from a trunk."""
        return f"; began from the trunk of {self.trunk_name}, which may have seen these sentences" if self.given else ""

    def remarks(self) -> list[str]:
        count = sum(p.numel() for p in self.training.net.parameters())
        epochs = self.each * self.config.batch / max(1, len(self.training.train))
        plan = (
            f"{counted(self.folds.count, 'trainings')} of {counted(self.each, 'gradient steps')} ({epochs:.1f} epochs)"
        )
        lines = [self.sentences.about, plan, f"{count:,} weights; computing on {self.compute}"]
        if self.given:
            lines.append(remark_on(self.given, self.trunk_name, self.sentences, self.freeze))
        return lines

    def pictures(self, folder: Path) -> list[Path]:
        known = show.Classifier(self.training.net.eval(), self.sentences.words, self.sentences.classes)
        return show.pictures(known, [self.sentences.texts[i] for i in self.training.test], folder)

    def state(self) -> Tree:
        return {
            "network": self.network,
            "weights": dict(self.training.net.state_dict()),
            "optimiser": optimiser_state(self.training.optimiser),
            "step": self.step,
            "fold": self.training.fold,
            "right": self.folds.right,
            "trunk": trunk_of(self.spec, self.training.net),
        } | ({"given": self.given._asdict()} if self.given else {})

    def load(self, tree: Tree) -> None:
        if "given" in tree and self.given is None:
            self.given = Given(**tree["given"])
            self._describe()
        self.step, self.folds.right = tree["fold"] * self.each, list(tree["right"])
        self._begin()
        self.adopt(tree["weights"])
        load_optimiser(self.training.optimiser, tree["optimiser"])
        self.step = tree["step"]

    def adopt(self, weights: dict[str, torch.Tensor]) -> None:
        load_weights(self.training.net, weights, "the checkpoint")
