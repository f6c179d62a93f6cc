"""The training loop of systems that learn by gradient descent: one model, one loss, one optimiser.

    for step in range(total_steps):  loss(model, rng, step).backward();  clip;  optimiser.step();  EMA

All randomness of a step (its batch, dropout, noise) follows from the seed and the step's number. So the state between
two ticks is weights, moments and a counter, and a resumed training continues bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from supervised.optim import (
    ema_state,
    load_ema,
    load_optimiser,
    make_ema,
    optimiser_state,
    parameter_groups,
)
from supervised.schedules import lr_fraction
from supervised.systems.settings import Descent
from supervised.systems.study import Measured, Setup
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.display import Words
from tengen.errors import UserError
from tengen.metrics import Stopwatch, Tick

Metrics = dict[str, float]


class Parts(NamedTuple):
    """What a system provides to the loop."""

    network: dict[str, Any]  # JSON from which `model` is built again
    model: nn.Module
    loss: Callable[[nn.Module, np.random.Generator, int], tuple[torch.Tensor, Metrics]]  # of a gradient step
    test: Callable[[nn.Module], Metrics]  # on held-out data: {"nats": 1.7}, logged as test/nats
    measure: Callable[[nn.Module], Measured]
    score: Callable[[Metrics], float]  # of what `test` gives: the higher the better
    words: Words
    about: list[str]  # what the user is told before the training starts
    pictures: Callable[[nn.Module, Path], list[Path]] = lambda model, folder: []
    trunk: Callable[[nn.Module], Tree] | None = None  # {"network": …, "weights": …} for --trunk
    test_cost: float = 1.0  # how many gradient steps take as long as `test`, about
    measures: str = ""  # what `measure` takes its time for
    fingerprint: str = ""  # of the data (supervised/data/known.py)


class GradientStudy:
    """A `Study` of `parts`; its steps are gradient steps."""

    def __init__(
        self,
        parts: Parts,
        setup: Setup,
        compute: Compute,
        measured: dict[str, float] | None = None,
        *,
        tick_every: int = 10,
    ) -> None:
        """`tick_every`: gradient steps between two ticks. The configuration of `setup` is a `Descent`."""
        config: Descent = setup.config
        self.parts, self.config, self.seeds, self.compute = parts, config, setup.seeds, compute
        self.measured = measured or {}
        self.words, self.network, self.model = parts.words, parts.network, parts.model
        self.measures, self.fingerprint = parts.measures, parts.fingerprint
        compute.place(self.model)
        self.total_steps = setup.settings.steps
        self.test_every = setup.settings.test_interval(self.total_steps, parts.test_cost)
        self.tick_every = min(tick_every, self.test_every)
        groups = parameter_groups(self.model, config.weight_decay)
        self.optimiser = torch.optim.AdamW(groups, lr=config.lr, betas=(0.9, config.beta2), fused=True)
        self.ema = make_ema(self.model, config.ema)
        self.step = 0
        self.watch = Stopwatch()

    @property
    def best_model(self) -> nn.Module:
        """The model that is tested and kept: the EMA where there is one."""
        return self.ema.module if self.ema is not None else self.model

    def ticks(self) -> Iterator[Tick]:
        while self.step < self.total_steps:
            before, sums, steps = self.step, dict[str, float](), 0
            self.model.train()
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
        """One gradient step."""
        rng = np.random.default_rng(self.seeds.integer("batch", self.step))
        torch.manual_seed(self.seeds.integer("torch", self.step))
        with self.watch("learning"):
            for group in self.optimiser.param_groups:
                group["lr"] = self.lr()
            loss, metrics = self.parts.loss(self.model, rng, self.step)
            if not torch.isfinite(loss):
                raise UserError(
                    f"the loss is {loss.item()} at step {self.step:,}: the training diverged; try a lower --lr"
                )
            self.optimiser.zero_grad()
            loss.backward()
            if self.config.max_grad_norm:
                clip_grad_norm_(self.model.parameters(), self.config.max_grad_norm)
            self.optimiser.step()
            if self.ema is not None:
                self.ema.update_parameters(self.model)
            self.step += 1
            return {"loss": loss.item()} | metrics

    def lr(self) -> float:
        c = self.config
        return c.lr * lr_fraction(c.schedule, self.step / self.total_steps, c.warmup)

    def examine(self) -> Metrics:
        """What `test` finds, as test/…, and test/score."""
        model = self.best_model
        was_training = model.training
        model.eval()
        torch.manual_seed(self.seeds.integer("testing"))
        with torch.no_grad():
            found = self.parts.test(model)
        model.train(was_training)
        return {f"test/{name}": value for name, value in found.items()} | {"test/score": self.parts.score(found)}

    def measure(self) -> Measured:
        self.best_model.eval()
        torch.manual_seed(self.seeds.integer("testing"))
        with torch.no_grad():
            return self.parts.measure(self.best_model)

    def remarks(self) -> list[str]:
        count = sum(p.numel() for p in self.model.parameters())
        return [*self.parts.about, f"{count:,} weights; computing on {self.compute}"]

    def pictures(self, folder: Path) -> list[Path]:
        self.best_model.eval()
        torch.manual_seed(self.seeds.integer("testing"))
        with torch.no_grad():
            return self.parts.pictures(self.best_model, folder)

    def state(self) -> Tree:
        """Everything, as a tree that `tengen.checkpoint` can write; `weights` are those of `best_model`."""
        tree = {
            "network": self.network,
            "weights": dict(self.best_model.state_dict()),
            "optimiser": optimiser_state(self.optimiser),
            "step": self.step,
            "own": ema_state(self.model, self.ema),
        }
        return tree | ({"trunk": self.parts.trunk(self.best_model)} if self.parts.trunk else {})

    def load(self, tree: Tree) -> None:
        self.adopt(tree["weights"])
        load_ema(self.model, self.ema, tree["own"])
        load_optimiser(self.optimiser, tree["optimiser"])
        self.step = tree["step"]

    def adopt(self, weights: dict[str, torch.Tensor]) -> None:
        """Take the weights of a trained model, strictly."""
        try:
            self.best_model.load_state_dict(weights)
        except RuntimeError as error:
            raise UserError(f"the weights do not fit: {str(error).splitlines()[-1].strip()}") from error
