"""The session of a supervised training: examples, network, learner."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from supervised.config import Config
from supervised.held_out import HeldOutCard, Trained, score_card
from supervised.kernels.learning import fastest, for_learning
from supervised.nets.airbench import Airbench
from supervised.nets.catalogue import trunk_spec
from supervised.nets.headed import HeadedNet, Spec, build, sound
from supervised.settings import LabelSettings
from supervised.tasks import load_examples
from supervised.train import LabelLearner
from supervised.trunks import describe_trunk, given_trunk, hand_over
from tengen.card import save_card
from tengen.config import from_dict
from tengen.description import Description
from tengen.device import Compute
from tengen.display import Display, Words
from tengen.errors import UserError
from tengen.kinds import Training
from tengen.learned_from import other_data
from tengen.metrics import Trainer
from tengen.run import Run
from tengen.seeding import Seeds
from tengen.session import Say, Typed

WORDS = Words(
    "examples", "test/accuracy", "held-out accuracy", ("data", "learning", "testing"), ("accuracy", "loss"), True
)
_WHITENED = 5000  # pictures used to compute the stem of airbench


class LabelSession:
    """Built from its settings; the same for a new and a resumed run."""

    frames_per_step = 1

    def __init__(
        self,
        training: Training,
        compute: Compute | None = None,
        *,
        saved: Spec | None = None,
        runs: Path = Path("runs"),
        anew: Mapping[str, Any] | None = None,
    ) -> None:
        """`compute` None, in a new run: measure and take the fastest backend; `saved`: the network of a resumed run.

        `anew` (Run.anew): the run starts over, with the trunk and the data statistics that it started with.
        """
        self.training, self.settings, self.label_config = training, training.settings, training.config
        settings: LabelSettings = training.settings
        config: Config = training.config
        if saved is None and config.net == "mlp":  # its name before agents and labels shared names
            print("tengen: for labels, --net mlp is called mlp256x2 now", file=sys.stderr)
            config = replace(config, net="mlp256x2")
            self.training, self.label_config = replace(training, agent=config.net, config=config), config
        self.seeds = Seeds(settings.seed)
        trunk_spec(config.net, (1, 1, 1), dropout=config.dropout)  # reject a wrong name before anything is downloaded
        self.examples = load_examples(training.task, settings, config)
        train = self.examples.train
        begins = saved is None or anew is not None
        given = given_trunk(settings, runs, train.input_shape, anew) if begins else None
        self.began_from = given.origin if given else None
        spec = saved or self._spec(given.net if given else None)
        if list(spec["trunk"]["input_shape"]) != list(train.input_shape) or spec["heads"] != self.examples.heads:
            raise UserError(
                f"the run's network takes inputs {spec['trunk']['input_shape']} and has heads {spec['heads']}, these"
                f" data are {list(train.input_shape)} with {self.examples.heads}; give the data it was trained on:"
                f" `tengen resume RUN --{'records' if settings.records else 'data'} PATH`"
            )
        self.agent = _name(config.net, spec)
        new = compute is None or anew is not None
        self.measured: dict[str, float] = {}
        if compute is None:
            batch = torch.from_numpy(train.batch(np.arange(config.batch) % len(train))[0])
            compute, self.measured = fastest(settings, spec, batch)
        self.compute = compute
        compute.start()
        net = build(spec, self.seeds.integer("network"))
        if given:
            hand_over(given.net, net, settings.keep_heads)
        elif new and hasattr(net.trunk, "normalise"):
            mean, deviation = train.statistics()  # type: ignore[attr-defined]
            net.trunk.normalise.calibrate(torch.from_numpy(mean), torch.from_numpy(deviation))  # type: ignore[union-attr,operator]
            if isinstance(net.trunk, Airbench):
                net.trunk.whiten(torch.from_numpy(train.batch(np.arange(min(len(train), _WHITENED)))[0]))
        if config.impl == "scratch":
            from supervised.scratch.convert import from_scratch

            from_scratch(net)
        for_learning(net, compute)
        self.learner: LabelLearner = LabelLearner(
            config,
            train,
            self.examples.test,
            net,
            compute,
            self.seeds,
            test_every=settings.test_every,
            test_examples=settings.test_examples,
            freeze_trunk=settings.freeze_trunk,
        )

    def _spec(self, given: HeadedNet | None) -> Spec:
        if given is not None:
            return {"trunk": given.spec["trunk"], "heads": self.examples.heads}
        trunk = trunk_spec(self.label_config.net, self.examples.train.input_shape, dropout=self.label_config.dropout)
        return {"trunk": trunk | self.examples.trunk, "heads": self.examples.heads}

    def description(self) -> Description:
        return Description(
            kind=self.training.kind,
            task=self.training.task,
            agent=self.agent,
            settings=asdict(self.settings),
            config=asdict(self.label_config),
            compute=self.compute.to_dict(),
            network=self.learner.net.spec,
            steps=self.learner.total_steps,
            learned_from=self.examples.fingerprint or None,
        )

    def attach(self, run: Run, report: Say, writing: bool = True) -> None:
        pass

    def remarks(self) -> list[str]:
        count = sum(p.numel() for p in self.learner.net.parameters())
        lines = [
            self.examples.about,
            f"network {self.agent}, {count:,} weights; computing on {self.compute}",
        ]
        if self.settings.trunk:
            lines.append(describe_trunk(self.settings, self.learner.net))
        return lines

    def trainer(self) -> Trainer:
        return self.learner

    @property
    def shared(self) -> LabelLearner:
        """The learner, for training with several processes."""
        return self.learner

    def display(self, name: str) -> Display:
        return Display(name, self.learner.total_steps, WORDS)

    def measures(self) -> str:
        count = len(self.examples.test)
        return f"{min(self.settings.card_examples or count, count):,} held-out examples"

    def finish(self, run: Run) -> HeldOutCard:
        """The score card on the whole held-out set, saved in the run's `eval/`."""
        card = self.card(self.learner.best_net, run, f"tengen eval {run.path}", self.settings.card_examples)
        card = replace(card, note=other_data(run, self))
        save_card(run.path / "eval" / f"held-out-{self.learner.step}.json", card)
        return card

    def card(self, net: HeadedNet, run: Run, command: str, most: int) -> HeldOutCard:
        """The card of `net` on at most `most` of the held-out examples (0: all)."""
        rows, what = run.rows(), self.training
        trained = Trained(
            seed=self.settings.seed,
            steps=self.learner.step,
            epochs=self.learner.step / len(self.examples.train),
            minutes=round(rows[-1]["seconds"] / 60, 2) if rows else 0.0,
            mirrored=self.label_config.test_mirrored,
        )
        return score_card(what.task, self.agent, net, self.examples, self.compute, trained, command, most)

    def type_next(self, run: Run) -> list[str]:
        return [
            f"tengen plot {run.path}",
            f"tengen eval {run.path}",
            f"tengen train {self.training.task} --trunk {run.path}",
        ]

    def close(self) -> None:
        pass


def _name(net: str, spec: Spec) -> str:
    """The network's name: that of `--net`, unless `--trunk` supplied another kind of trunk."""
    trunk = spec["trunk"]
    own = trunk_spec(net, trunk["input_shape"])
    return net if all(trunk.get(key) == value for key, value in own.items()) else str(trunk["kind"])


def session_of_run(run: Run, typed: Typed) -> LabelSession:
    """The session described by `run`'s config.yaml, in its initial state; no option has to be repeated."""
    saved = Description.of_run(run)
    settings, config = from_dict(LabelSettings, saved.settings), from_dict(Config, saved.config)
    training = Training(saved.kind, saved.task, config.net, settings, config)
    compute, network = from_dict(Compute, saved.compute), sound(saved.network, run.path / "config.yaml")
    return LabelSession(training, compute, saved=network, runs=run.path.parent, anew=run.anew())
