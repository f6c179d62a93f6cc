"""Cross-validation of a sentence classifier: successive trainings, each on nine tenths of the sentences.

The remaining tenth is the test set. Folds and batches follow from the seed, so the state is only the network in
training, its optimiser, and the finished networks' counts of correct answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from supervised.data import sentences as data
from supervised.data.known import fingerprint, known_set
from supervised.nets.headed import HeadedNet, build, load_weights
from supervised.optim import load_optimiser, optimiser_state, parameter_groups
from supervised.schedules import lr_fraction
from supervised.sequence.sentences import batches, show
from supervised.sequence.sentences.config import Config
from supervised.sequence.sentences.given import Given, given_trunk, put_under, renumbered
from supervised.systems.precision import in_float32
from supervised.systems.study import Measured, Setup
from tengen.checkpoint import Tree
from tengen.display import Words
from tengen.errors import UserError
from tengen.metrics import Stopwatch, Tick
from tengen.plural import counted
from tengen.statistics import wilson

WORDS = Words(
    "gradient steps", "test/accuracy", "held-out accuracy", ("learning", "testing"), ("fold", "loss"), percent=True
)
_TICK, _TEST_BATCH = 20, 256  # gradient steps; sentences


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
        self.folds = min(config.folds, count)
        self.each = max(1, setup.settings.steps // self.folds)  # gradient steps per training
        self.total_steps = self.each * self.folds
        cost = count / 10 / (3 * config.batch)  # a tenth of the sentences, forward passes only
        self.test_every = setup.settings.test_interval(self.each, cost, most=4)
        parts = max(10, self.folds) if self.folds == 1 else self.folds
        self.part = setup.seeds.numpy("folds").permutation(count) % parts  # [N]
        self.trunk_name, self.freeze = setup.settings.trunk, setup.settings.freeze_trunk
        self.given: Given | None = None  # set by `load` when a run is resumed
        if self.trunk_name and (setup.compute is None or setup.anew is not None):
            self.given = given_trunk(self.trunk_name, setup.runs, setup.anew)
        self.began_from = self.given.origin if self.given else None
        self._describe()
        self.right: list[int] = []  # for each finished training
        self.step = 0
        self.watch = Stopwatch()
        self._begin()

    def _describe(self) -> None:
        """Describe the network; with a given trunk, first renumber the words to match it."""
        if self.given:
            self.sentences = renumbered(self.sentences, self.given.words)
        c, words = self.config, self.sentences.words
        longest = max(len(one) for one in self.sentences.numbers)
        trunk = {"kind": "sentence-cnn", "width": c.width, "filters": c.filters}
        trunk |= self.given.spec if self.given else {}
        trunk |= {"input_shape": [longest], "words": len(words), "dropout": c.dropout}
        self.spec = {"trunk": trunk, "heads": {"classes": len(self.sentences.classes)}}
        self.network = self.spec | {"words": words, "classes": self.sentences.classes}

    def _begin(self) -> None:
        """A new network for the fold of this step."""
        self.fold = min(self.step // self.each, self.folds - 1)
        self.net = build(self.spec, self.seeds.integer("network", self.fold))
        if self.given:
            put_under(self.given, self.net, self.freeze)
        self.compute.place(self.net)
        groups = parameter_groups(self.net, self.config.weight_decay)
        self.optimiser = torch.optim.AdamW(groups, lr=self.config.lr, betas=(0.9, self.config.beta2), fused=True)
        self.train, self.test = np.flatnonzero(self.part != self.fold), np.flatnonzero(self.part == self.fold)
        lengths = np.array([len(self.sentences.numbers[i]) for i in self.train])
        seed = self.seeds.integer("order", self.fold)
        self.batches = batches.Batches(self.train, lengths, self.config.batch, seed)

    def ticks(self) -> Iterator[Tick]:
        while self.step < self.total_steps:
            if self.step % self.each == 0 and self.step // self.each != self.fold:
                self._begin()
            losses: list[float] = []
            self.net.train()
            with self.watch("learning"):
                while len(losses) < _TICK and (not losses or self.step % self.each):
                    losses.append(self._learn())
            metrics = {"loss": float(np.mean(losses)), "fold": self.fold + 1, "lr": self.lr()}
            ended = self.step % self.each == 0
            if ended or self.step // self.test_every > (self.step - len(losses)) // self.test_every:
                with self.watch("testing"):
                    right = self.count_right()
                metrics |= {"test/accuracy": right / len(self.test), "test/score": right / len(self.test)}
                if ended:
                    self.right.append(right)
                    metrics["test/mean_accuracy"] = metrics["test/score"] = self.accuracy()
            yield Tick(self.step, metrics, self.watch.take())

    def _learn(self) -> float:
        torch.manual_seed(self.seeds.integer("dropout", self.step))
        words, labels = self._tensors(self.batches(self.step % self.each))
        for group in self.optimiser.param_groups:
            group["lr"] = self.lr()
        loss = functional.cross_entropy(self.net(words)["classes"], labels)
        self.optimiser.zero_grad()
        loss.backward()
        if self.config.max_grad_norm:
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.config.max_grad_norm)
        self.optimiser.step()
        if self.config.max_norm:
            with torch.no_grad():  # section 2.1: |w| <= s after each step
                weight: Any = self.net.heads["classes"].out.weight  # type: ignore[union-attr]
                weight.copy_(torch.renorm(weight, 2, 0, self.config.max_norm))
        self.step += 1
        return loss.item()

    def _tensors(self, chosen: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """(words [B, L], labels [B])."""
        words = torch.from_numpy(batches.padded([self.sentences.numbers[i] for i in chosen]))
        labels = torch.from_numpy(self.sentences.labels[chosen])
        return words.to(self.compute.device), labels.to(self.compute.device)

    def lr(self) -> float:
        c = self.config
        return c.lr * lr_fraction(c.schedule, self.step % self.each / self.each, c.warmup)

    def count_right(self) -> int:
        """Number of this fold's held-out sentences classified correctly."""
        self.net.eval()
        right = 0
        by_length = sorted(self.test, key=lambda i: len(self.sentences.numbers[i]))
        with torch.inference_mode():
            for start in range(0, len(by_length), _TEST_BATCH):
                words, labels = self._tensors(np.array(by_length[start : start + _TEST_BATCH]))
                right += int((self.net(words)["classes"].argmax(1) == labels).sum())
        return right

    def tested(self) -> int:
        """Number of sentences tested by the finished trainings."""
        return int((self.part < len(self.right)).sum())

    def accuracy(self) -> float:
        return sum(self.right) / self.tested()

    def measure(self) -> Measured:
        right, count = (sum(self.right), self.tested()) if self.right else (self.count_right(), len(self.test))
        folds = f"{len(self.right)} of {self.folds} folds, each sentence tested by a network that did not see it"
        each = [n / int((self.part == i).sum()) for i, n in enumerate(self.right)]
        return Measured(
            metric="accuracy",
            value=right / count,
            ci95=wilson(right / count, count),
            measured_on=f"{count:,} sentences",
            better="higher",
            protocol=f"{folds if self.folds > 1 else 'a tenth held out'}; last step, no early stopping"
            f" ({self.sentences.about}){self._began()}",
            also={"worst fold": min(each), "best fold": max(each)} if self.folds > 1 and each else {},
            data_set="" if self.given else self.data_set,
        )

    def _began(self) -> str:
        """The caveat for the card when training started from a trunk."""
        return f"; began from the trunk of {self.trunk_name}, which may have seen these sentences" if self.given else ""

    def remarks(self) -> list[str]:
        count = sum(p.numel() for p in self.net.parameters())
        epochs = self.each * self.config.batch / max(1, len(self.train))
        plan = f"{counted(self.folds, 'trainings')} of {counted(self.each, 'gradient steps')} ({epochs:.1f} epochs)"
        lines = [self.sentences.about, plan, f"{count:,} weights; computing on {self.compute}"]
        if self.given:
            new = len(self.sentences.words) - len(self.given.words)
            frozen = ", frozen" if self.freeze else ""
            lines.append(f"trunk of {self.trunk_name}: {len(self.given.words) - 2:,} words{frozen}; {new:,} are new")
        return lines

    def pictures(self, folder: Path) -> list[Path]:
        known = show.Classifier(self.net.eval(), self.sentences.words, self.sentences.classes)
        return show.pictures(known, [self.sentences.texts[i] for i in self.test], folder)

    def state(self) -> Tree:
        trunk = {"network": {"trunk": self.spec["trunk"], "heads": {}}, "weights": _trunk_weights(self.net)}
        return {
            "network": self.network,
            "weights": dict(self.net.state_dict()),
            "optimiser": optimiser_state(self.optimiser),
            "step": self.step,
            "fold": self.fold,
            "right": self.right,
            "trunk": trunk,
        } | ({"given": self.given._asdict()} if self.given else {})

    def load(self, tree: Tree) -> None:
        if "given" in tree and self.given is None:
            self.given = Given(**tree["given"])
            self._describe()
        self.step, self.right = tree["fold"] * self.each, list(tree["right"])
        self._begin()
        self.adopt(tree["weights"])
        load_optimiser(self.optimiser, tree["optimiser"])
        self.step = tree["step"]

    def adopt(self, weights: dict[str, torch.Tensor]) -> None:
        load_weights(self.net, weights, "the checkpoint")


def _trunk_weights(net: HeadedNet) -> dict[str, torch.Tensor]:
    return {f"trunk.{name}": value for name, value in net.trunk.state_dict().items()}


def model(network: dict[str, Any], weights: dict[str, torch.Tensor]) -> show.Classifier:
    if len(network["words"]) != network["trunk"]["words"]:
        raise UserError("the network's description is damaged: its words do not match its vectors")
    net = build({"trunk": network["trunk"], "heads": network["heads"]})
    load_weights(net, weights, "the checkpoint")
    return show.Classifier(net.eval(), network["words"], network["classes"])
