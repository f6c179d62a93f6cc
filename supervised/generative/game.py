"""`tengen train fashion-mnist --model gan`: two networks in turn, each with an optimiser of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from supervised.generative.config import GanConfig
from supervised.generative.gan import (
    Discriminator,
    Generator,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
)
from supervised.generative.generated import draw, make_pictures
from supervised.generative.judged import Judged, as_bytes
from supervised.optim import ema_state, load_ema, load_optimiser, make_ema, optimiser_state
from supervised.schedules import lr_fraction
from supervised.systems.gradient import Metrics
from supervised.systems.precision import quickest
from supervised.systems.study import Measured, Setup
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.display import Words
from tengen.errors import UserError
from tengen.metrics import Stopwatch, Tick
from tengen.statistics import wilson

_TESTED, _MEASURED, _SURE = 1000, 10_000, 0.9


class Game:
    """A `Study` of a generator and a discriminator; its steps are gradient steps of both."""

    words = Words("steps", "test/sure", "surely some class", ("learning", "testing"), ("loss/d", "loss/g"), True)

    def __init__(self, setup: Setup) -> None:
        self.config: GanConfig = setup.config
        self.setup, self.seeds, self.data = setup, setup.seeds, Judged(setup)
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
            self.compute, self.measured = quickest(setup.settings, self._trial)
        self._begin(self.compute)
        self.total_steps = setup.settings.steps
        self.test_every = setup.settings.test_every or max(1, self.total_steps // 10)
        self.tick_every = min(10, self.test_every)
        self.step = 0
        self.watch = Stopwatch()

    def _begin(self, compute: Compute) -> None:
        torch.manual_seed(self.seeds.integer("network"))
        n, c = self.network, self.config
        self.generator = Generator(**n)
        self.discriminator = Discriminator(n["planes"], n["side"], n["width"])
        self.optimisers = []
        for net in (self.discriminator, self.generator):
            compute.place(net)
            self.optimisers.append(torch.optim.Adam(net.parameters(), c.lr, (c.beta1, c.beta2), fused=True))
        self.ema = make_ema(self.generator, c.ema)

    def _trial(self, compute: Compute) -> Callable[[], object]:
        """One step, to measure how long it takes."""
        self.compute, self.step, self.total_steps, self.watch = compute, 1, 10, Stopwatch()
        self._begin(compute)
        nets = (self.generator, self.discriminator, self.optimisers, self.ema)

        def step() -> None:
            self.compute, self.step = compute, 1
            self.generator, self.discriminator, self.optimisers, self.ema = nets
            self.learn()

        return step

    @property
    def best_model(self) -> nn.Module:
        return self.ema.module if self.ema is not None else self.generator

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
        """One step of D on real and made pictures, then one of G against it."""
        c = self.config
        torch.manual_seed(self.seeds.integer("torch", self.step))
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = self.lr()
        of_d, of_g = self.optimisers
        with self.watch("learning"):
            self.generator.train()
            x, _ = self.data.batch(self.step, c.batch, self.compute)
            with self.compute.autocast():
                made = self.generator(torch.randn(c.batch, c.noise).to(x.device))
                real, fake = self.discriminator(torch.cat([x, made.detach().to(x.dtype)])).float().chunk(2)
            loss_d = discriminator_loss(real, fake)
            penalty = torch.zeros(())
            if c.penalty and self.step % c.penalty_every == 0:
                x = x.detach().requires_grad_()
                penalty = gradient_penalty(self.discriminator(x), x)
            of_d.zero_grad()
            (loss_d + c.penalty * c.penalty_every * penalty).backward()
            of_d.step()
            with self.compute.autocast():
                loss_g = generator_loss(self.discriminator(made).float())
            if not torch.isfinite(loss_d + loss_g):
                raise UserError(f"the losses are no numbers at step {self.step:,}; try a lower --lr")
            of_g.zero_grad()
            loss_g.backward()
            of_g.step()
            if self.ema is not None:
                self.ema.update_parameters(self.generator)
            self.step += 1
        right = 0.5 * (real > 0).float().mean() + 0.5 * (fake < 0).float().mean()
        return {"loss/d": loss_d.item(), "loss/g": loss_g.item(), "d_accuracy": right.item()}

    def lr(self) -> float:
        return self.config.lr * lr_fraction(self.config.schedule, self.step / self.total_steps, self.config.warmup)

    def examine(self) -> Metrics:
        p = self.data.judge.probabilities(as_bytes(self.make(_TESTED)))
        shares = torch.bincount(p.argmax(1), minlength=p.shape[1]) / len(p)
        found = {"sure": float((p.amax(1) >= _SURE).float().mean()), "rarest_class": float(shares.min())}
        found["commonest_class"] = float(shares.max())
        score = found["sure"] + min(0.04, found["rarest_class"]) * 10  # a class that is lost counts most
        return {f"test/{name}": value for name, value in found.items()} | {"test/score": score}

    @torch.no_grad()
    def make(self, count: int, seed: int = 1) -> torch.Tensor:
        """Pictures [count, C, H, W] in [-1, 1]."""
        return make_pictures(self.best_model, count, self.config.noise, seed, self.compute.device)

    def measure(self) -> Measured:
        p = self.data.judge.probabilities(as_bytes(self.make(_MEASURED)))
        counts = torch.bincount(p.argmax(1), minlength=p.shape[1])
        sure = float((p.amax(1) >= _SURE).float().mean())
        also = {name: int(n) / _MEASURED for name, n in zip(self.data.classes, counts, strict=True)}
        spread = f"classes from {int(counts.min()) / _MEASURED:.1%} to {int(counts.max()) / _MEASURED:.1%}"
        return Measured(
            "of pictures surely some class",
            sure,
            wilson(sure, _MEASURED),
            f"{_MEASURED:,} pictures, {spread}",
            "higher",
            f"the judge's highest probability is at least {_SURE}; {self.data.protocol()}",
            also,
        )

    def remarks(self) -> list[str]:
        counts = [sum(p.numel() for p in net.parameters()) for net in (self.generator, self.discriminator)]
        return [
            f"{self.data.about}: {len(self.data.labels):,} pictures to learn from",
            f"generator {counts[0]:,} weights, discriminator {counts[1]:,}; computing on {self.compute}",
        ]

    def pictures(self, folder: Path) -> list[Path]:
        return draw(self.best_model, self.config.noise, folder, self.compute.device)

    def state(self) -> Tree:
        return {
            "network": self.network,
            "weights": dict(self.best_model.state_dict()),
            "discriminator": dict(self.discriminator.state_dict()),
            "optimisers": [optimiser_state(one) for one in self.optimisers],
            "step": self.step,
            "own": ema_state(self.generator, self.ema),
        }

    def load(self, tree: Tree) -> None:
        self.adopt(tree["weights"])
        load_ema(self.generator, self.ema, tree["own"])
        self.discriminator.load_state_dict(tree["discriminator"])
        for optimiser, saved in zip(self.optimisers, tree["optimisers"], strict=True):
            load_optimiser(optimiser, saved)
        self.step = tree["step"]

    def adopt(self, weights: dict[str, torch.Tensor]) -> None:
        self.best_model.load_state_dict(weights)
