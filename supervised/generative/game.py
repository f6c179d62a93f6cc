"""`tengen train fashion-mnist --model gan`: two networks trained in turn, each with its own optimiser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from supervised.generative.gan_config import GanConfig
from supervised.generative.generated import draw, make_pictures
from supervised.generative.judged import Judged, as_bytes
from supervised.generative.players import Players
from supervised.schedules import lr_fraction
from supervised.systems.gradient import Metrics
from supervised.systems.precision import quickest
from supervised.systems.study import Measured, Setup
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.display import Words
from tengen.metrics import Stopwatch, Tick
from tengen.statistics import wilson

_TESTED, _MEASURED, _SURE = 1000, 10_000, 0.9


class Game:
    """A `Study` of a generator and a discriminator; one step is a gradient step of each."""

    measures = f"{_MEASURED:,} pictures, judged by a classifier trained for this"
    words = Words("steps", "test/sure", "confidently classified", ("learning", "testing"), ("loss/d", "loss/g"), True)

    def __init__(self, setup: Setup) -> None:
        self.config: GanConfig = setup.config
        self.setup, self.seeds, self.data = setup, setup.seeds, Judged(setup)
        self.fingerprint = self.data.fingerprint
        planes, height, _ = self.data.shape
        self.network: dict[str, Any] = {
            "noise": self.config.noise,
            "planes": planes,
            "side": height // 4,
            "width": self.config.width,
        }
        self.measured: dict[str, float] = {}
        if setup.compute:
            self.compute = setup.compute
        else:
            self.compute, self.measured = quickest(setup.settings, self._trial, channels_last=True)
        self.players = self._players(self.compute)
        self.total_steps = setup.settings.steps
        self.test_every = setup.settings.test_interval(self.total_steps, 3, most=10)
        self.tick_every = min(10, self.test_every)
        self.step = 0
        self.watch = Stopwatch()

    def _players(self, compute: Compute) -> Players:
        return Players(self.network, self.config, compute, self.seeds.integer("network"))

    def _trial(self, compute: Compute) -> Callable[[], object]:
        """A turn of separate, throwaway players, for timing."""
        players, (x, _) = self._players(compute), self.data.batch(0, self.config.batch, compute)
        return lambda: players.turn(x, self.config.lr, penalise=False)

    def ticks(self) -> Iterator[Tick]:
        while self.step < self.total_steps:
            before, sums, steps = self.step, dict[str, float](), 0
            while steps < self.tick_every and self.step < self.total_steps:
                for name, value in self.learn().items():
                    sums[name] = sums.get(name, 0.0) + value
                steps += 1
            metrics = {name: value / steps for name, value in sums.items()} | {"lr": self.lr()}
            if self.step // self.test_every > before // self.test_every or self.step >= self.total_steps:
                with self.watch("testing"):
                    metrics |= self.examine()
            yield Tick(self.step, metrics, self.watch.take())

    def learn(self) -> Metrics:
        """One turn of both networks."""
        c = self.config
        torch.manual_seed(self.seeds.integer("torch", self.step))
        with self.watch("learning"):
            x, _ = self.data.batch(self.step, c.batch, self.compute)
            penalise = c.penalty > 0 and self.step % c.penalty_every == 0
            metrics = self.players.turn(x, self.lr(), penalise)
            self.step += 1
        return metrics

    def lr(self) -> float:
        return self.config.lr * lr_fraction(self.config.schedule, self.step / self.total_steps, self.config.warmup)

    def examine(self) -> Metrics:
        p = self.data.judge.probabilities(as_bytes(self.make(_TESTED)))
        shares = torch.bincount(p.argmax(1), minlength=p.shape[1]) / len(p)
        found = {"sure": float((p.amax(1) >= _SURE).float().mean()), "rarest_class": float(shares.min())}
        found["commonest_class"] = float(shares.max())
        score = found["sure"] + min(0.04, found["rarest_class"]) * 10  # a lost class costs most
        return {f"test/{name}": value for name, value in found.items()} | {"test/score": score}

    @torch.no_grad()
    def make(self, count: int, seed: int = 1) -> torch.Tensor:
        """Pictures [count, C, H, W] in [-1, 1]."""
        return make_pictures(self.players.best, count, self.config.noise, seed, self.compute.device)

    def measure(self) -> Measured:
        self.data.counted = True
        p = self.data.judge.probabilities(as_bytes(self.make(_MEASURED)))
        counts = torch.bincount(p.argmax(1), minlength=p.shape[1])
        sure = float((p.amax(1) >= _SURE).float().mean())
        also = {name: int(n) / _MEASURED for name, n in zip(self.data.classes, counts, strict=True)}
        spread = f"classes from {int(counts.min()) / _MEASURED:.1%} to {int(counts.max()) / _MEASURED:.1%}"
        return Measured(
            "of images confidently classified",
            sure,
            wilson(sure, _MEASURED),
            f"{_MEASURED:,} pictures, {spread}",
            "higher",
            f"the judge's highest probability is at least {_SURE}; {self.data.protocol()}",
            also,
        )

    def remarks(self) -> list[str]:
        counts = [
            sum(p.numel() for p in net.parameters()) for net in (self.players.generator, self.players.discriminator)
        ]
        return [
            f"{self.data.about}: {len(self.data.labels):,} pictures to learn from",
            f"generator {counts[0]:,} weights, discriminator {counts[1]:,}; computing on {self.compute}",
        ]

    def pictures(self, folder: Path) -> list[Path]:
        return draw(self.players.best, self.config.noise, folder, self.compute.device)

    def state(self) -> Tree:
        return {"network": self.network, "step": self.step} | self.players.state()

    def load(self, tree: Tree) -> None:
        self.players.load(tree)
        self.step = tree["step"]

    def adopt(self, weights: dict[str, torch.Tensor]) -> None:
        self.players.best.load_state_dict(weights)
