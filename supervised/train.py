"""Learning from labels: minibatch gradient descent on an objective, for pictures and Go positions.

All randomness of a batch (its examples, augmentation, mixup, dropout) follows from the seed and the batch's number. So
the state between two ticks is weights, moments and a counter, and a resumed training continues bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from supervised.config import Config
from supervised.data.source import IGNORED, Order, Source
from supervised.kernels.shared_norm import share_norms
from supervised.nets.headed import HeadedNet, load_weights
from supervised.objectives.classification import classification, cross_entropy, scores
from supervised.objectives.objective import Batch, Objective, Shares
from supervised.optim import ema_state, load_ema, load_optimiser, make_ema, make_optimiser, optimiser_state
from supervised.schedules import lr_fraction
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.learners.group import ALONE, Group
from tengen.metrics import Stopwatch, Tick
from tengen.seeding import Seeds

TICK = 1024  # examples between two ticks, roughly
_TEST_BATCH = 256


class LabelLearner:
    """`for tick in LabelLearner(...).ticks(): ...` trains; steps are examples seen."""

    def __init__(
        self,
        config: Config,
        train: Source,
        test: Source,
        net: HeadedNet,
        compute: Compute,
        seeds: Seeds,
        *,
        test_every: int = 0,
        test_examples: int = 0,
        freeze_trunk: bool = False,
    ) -> None:
        """Every `test_every` examples (0: each epoch) test on the first `test_examples` of a fixed order (0: all)."""
        self.config, self.train, self.test, self.net, self.compute = config, train, test, net, compute
        self.main = next(iter(net.spec["heads"]))  # the head whose accuracy is reported
        self.objective = make_objective(config, self.main)
        self.seeds, self.order = seeds, Order(len(train), seeds.integer("order"))
        self.total_steps = max(config.batch, round(config.epochs * len(train)))
        self.test_every = test_every or len(train)
        self.tested = chosen_examples(len(test), test_examples)
        self.frozen = freeze_trunk
        if freeze_trunk:
            net.trunk.requires_grad_(False)
        self.optimiser = make_optimiser(config, net)
        self.ema = make_ema(net, config.ema)
        self.step = 0  # examples seen
        self.gradient_steps = 0
        self.group: Group = ALONE  # of learners, each of which has a part of every batch
        self.watch = Stopwatch()

    @property
    def best_net(self) -> HeadedNet:
        """The network that is tested and saved: the EMA where there is one."""
        return self.ema.module if self.ema is not None else self.net  # type: ignore[return-value]

    def ticks(self) -> Iterator[Tick]:
        c = self.config
        per_tick = max(1, TICK // c.batch)
        while self.step < self.total_steps:
            before = self.step
            self._begin_learning()
            sums: dict[str, float] = {}
            batches = 0
            while batches < per_tick and self.step < self.total_steps:
                for name, value in self.learn().items():
                    sums[name] = sums.get(name, 0.0) + value
                batches += 1
            metrics = {name: value / batches for name, value in sums.items()}
            metrics |= {"epoch": self.step / len(self.train), "lr": self.lr(), "gradient_steps": self.gradient_steps}
            if self.step // self.test_every > before // self.test_every or self.step >= self.total_steps:
                with self.watch("testing"):
                    metrics |= {f"test/{name}": value for name, value in self.examine().items()}
            yield Tick(self.step, metrics, self.watch.take())

    def _begin_learning(self) -> None:
        self.net.train()
        if self.frozen:
            self.net.trunk.eval()

    def join(self, group: Group) -> None:
        """Be one of several learners, all in the same state."""
        self.group = group
        share_norms(self.net, group)

    def follow(self, work: object) -> None:
        """The same gradient step as the first learner, on another part of the batch."""
        del work  # the batch follows from the seed
        self._begin_learning()
        self._learn()

    def learn(self) -> dict[str, float]:
        """One gradient step."""
        self.group.deal([()] * self.group.size)
        return self._learn()

    def _learn(self) -> dict[str, float]:
        c, device = self.config, self.compute.device
        rng = np.random.default_rng(self.seeds.integer("batch", self.gradient_steps))
        torch.manual_seed(self.seeds.integer("dropout", self.gradient_steps) + self.group.rank)
        with self.watch("data"):
            stop = min(self.step + c.batch, self.total_steps)
            inputs, targets = self.train.batch(self.order(self.step, stop), rng if c.augment != "none" else None)
            shares = None
            if self.group.size > 1:
                inputs, targets, shares = _part(inputs, targets, self.group)
            x = torch.from_numpy(inputs).to(device)
            batch = Batch(x, {name: torch.from_numpy(target).to(device) for name, target in targets.items()})
        with self.watch("learning"):
            for group in self.optimiser.param_groups:
                group["lr"] = self.lr()
            loss, metrics = self.objective(self.forward, batch, rng, shares=shares)
            self.optimiser.zero_grad()
            loss.backward()
            self.group.add_gradients(self.net.parameters())
            if c.max_grad_norm:
                clip_grad_norm_(self.net.parameters(), c.max_grad_norm)
            self.optimiser.step()
            if self.ema is not None:
                self.ema.update_parameters(self.net)
            self.step = stop
            self.gradient_steps += 1
            return self.group.total(metrics)

    def forward(self, inputs: torch.Tensor) -> dict[str, torch.Tensor]:
        """The network in the precision of `compute`; outputs in float32."""
        with self.compute.autocast():
            out = self.net(inputs)
        return {name: value.float() for name, value in out.items()}

    def lr(self) -> float:
        return self.config.lr * lr_fraction(self.config.schedule, self.step / self.total_steps, self.config.warmup)

    def examine(self) -> dict[str, float]:
        """Loss and accuracy on the test examples."""
        return {name: value for name, value in scores(self.answers(), self.main).items() if name != "examples"}

    def answers(self) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """What `predict` gives for the test examples."""
        return predict(self.best_net, self.test, self.tested, self.compute, self.config.test_mirrored)

    def state(self) -> Tree:
        """Everything, as a tree that `tengen.checkpoint` can write; `weights` are those of `best_net`."""
        return {
            "network": self.net.spec,
            "weights": dict(self.best_net.state_dict()),
            "optimiser": optimiser_state(self.optimiser),
            "step": self.step,
            "gradient_steps": self.gradient_steps,
            "own": ema_state(self.net, self.ema),
        }

    def load(self, tree: Tree) -> None:
        load_weights(self.best_net, tree["weights"], "the checkpoint")
        load_ema(self.net, self.ema, tree["own"])
        load_optimiser(self.optimiser, tree["optimiser"])
        self.step, self.gradient_steps = tree["step"], tree["gradient_steps"]


def _part(
    inputs: np.ndarray, targets: dict[str, np.ndarray], group: Group
) -> tuple[np.ndarray, dict[str, np.ndarray], Shares]:
    """This learner's part of a batch [B, ...], and which fraction of it that is.

    Of a batch with fewer examples than learners, which may be the last one, each has all, for a fraction.
    """
    if len(inputs) < group.size:
        return inputs, targets, Shares(1 / group.size, dict.fromkeys(targets, 1 / group.size))
    part = group.part(len(inputs))
    shares = Shares(
        len(inputs[part]) / len(inputs),
        {name: known(target[part]) / max(1, known(target)) for name, target in targets.items()},
    )
    return inputs[part], {name: target[part] for name, target in targets.items()}, shares


def known(target: np.ndarray) -> int:
    """How many of the examples have a target."""
    return int((target != IGNORED).sum())


def chosen_examples(held_out: int, most: int) -> np.ndarray:
    """Indices of `most` held-out examples, always the same ones; of all for 0."""
    return Order(held_out, 1)(0, most) if 0 < most < held_out else np.arange(held_out)


def predict(
    net: nn.Module, source: Source, indices: np.ndarray, compute: Compute, mirrored: bool = False
) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """head -> (logits [N, K], targets [N]) for the examples `indices` [N], in their order.

    `mirrored`: the mean of the logits of a picture and of its mirror image.
    """
    found: dict[str, tuple[list[torch.Tensor], list[torch.Tensor]]] = {}
    was_training = net.training
    net.eval()
    for start in range(0, len(indices), _TEST_BATCH):
        inputs, targets = source.batch(indices[start : start + _TEST_BATCH])
        with torch.inference_mode(), compute.autocast():
            x = torch.from_numpy(inputs).to(compute.device)
            out = net(x)
            if mirrored:
                other = net(x.flip(3))
                out = {name: (logits + other[name]) / 2 for name, logits in out.items()}
        for name, logits in out.items():
            if name in targets:
                logit_list, target_list = found.setdefault(name, ([], []))
                logit_list.append(logits.float().cpu())
                target_list.append(torch.from_numpy(targets[name]))
    net.train(was_training)
    return {name: (torch.cat(a), torch.cat(b)) for name, (a, b) in found.items()}


def make_objective(config: Config, main: str) -> Objective:
    """The objective that `config` describes; `main` is the head whose accuracy is reported."""
    loss = cross_entropy
    if config.impl == "scratch":
        from supervised.scratch import losses as by_hand

        loss = by_hand.cross_entropy
    return partial(
        classification,
        main=main,
        weights={"reply": config.reply_weight, "outcome": config.outcome_weight},
        smoothing=config.label_smoothing,
        mixup_alpha=config.mixup,
        loss_of=loss,
    )
