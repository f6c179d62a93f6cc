"""The training of a system: its study, and what every run needs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from supervised.systems.card import SystemCard
from supervised.systems.catalogue import find_system
from supervised.systems.options import check_training
from supervised.systems.settings import SystemSettings
from supervised.systems.study import Say, Setup, Study
from tengen.card import save_card
from tengen.config import from_dict
from tengen.description import Description
from tengen.device import Compute
from tengen.display import Display
from tengen.errors import UserError
from tengen.kinds import Training
from tengen.learned_from import other_data
from tengen.lookup import find
from tengen.metrics import Trainer
from tengen.papers import published
from tengen.run import Run
from tengen.seeding import Seeds
from tengen.session import Typed


class SystemSession:
    """Built from its settings; the same for a new and a resumed run."""

    frames_per_step = 1

    def __init__(
        self,
        training: Training,
        compute: Compute | None = None,
        *,
        runs: Path = Path("runs"),
        anew: Mapping[str, Any] | None = None,
    ) -> None:
        """`compute` None: a new run, which chooses how it computes. `runs` is where --trunk looks; `anew`: Run.anew."""
        self.system = find_system(training.task, training.agent)
        if compute is None:
            check_training(self.system, training)
        if not training.settings.steps:
            own = self.system.training(training.task).settings.steps
            training = replace(training, settings=replace(training.settings, steps=own))
        self.training, self.settings = training, training.settings
        torch.use_deterministic_algorithms(True, warn_only=True)
        seeds = Seeds(training.settings.seed)
        setup = Setup(training.task, training.settings, training.config, seeds, compute, aside, runs, anew)
        self.learner: Study = find(self.system.study)(setup)
        self.began_from = getattr(self.learner, "began_from", None)
        self.compute, self.measured = self.learner.compute, self.learner.measured
        if compute is None:
            _check_arithmetic(training, self.compute)
        self.compute.start()

    def description(self) -> Description:
        return Description(
            kind=self.training.kind,
            task=self.training.task,
            agent=self.training.agent,
            settings=asdict(self.settings),
            config=asdict(self.training.config),
            compute=self.compute.to_dict(),
            steps=self.learner.total_steps,
            learned_from=getattr(self.learner, "fingerprint", "") or None,
        )

    def attach(self, run: Run, report: Say, writing: bool = True) -> None:
        pass

    def remarks(self) -> list[str]:
        return self.learner.remarks()

    def trainer(self) -> Trainer:
        return self.learner

    def display(self, name: str) -> Display:
        return Display(name, self.learner.total_steps, self.learner.words)

    def measures(self) -> str:
        return getattr(self.learner, "measures", "") or f"{self.learner.words.name}, on all that is held out"

    def finish(self, run: Run) -> SystemCard:
        """The score card, kept in the run's `eval/`."""
        rows = run.rows()
        minutes = round(rows[-1]["seconds"] / 60, 2) if rows else 0.0
        card = self.card(f"tengen eval {run.path}", minutes)
        if note := other_data(run, self):
            card = replace(card, note=note, published="")
        save_card(run.path / "eval" / f"held-out-{self.learner.step}.json", card)
        return card

    def card(self, command: str, minutes: float, steps: int | None = None) -> SystemCard:
        measured = self.learner.measure()
        return SystemCard(
            task=self.training.task,
            agent=self.training.agent,
            measured=measured,
            published=published(self.system.paper or self.system.name, measured.data_set),
            seed=self.settings.seed,
            steps=self.learner.step if steps is None else steps,
            unit=self.learner.words.unit,
            minutes=minutes,
            command=command,
        )

    def type_next(self, run: Run) -> list[str]:
        lines = [f"tengen plot {run.path}"]
        if self.system.sample:
            lines.insert(0, f"tengen sample {run.path}")
        return [*lines, f"tengen papers {self.system.paper or self.system.name}"]

    def close(self) -> None:
        pass


def _check_arithmetic(training: Training, compute: Compute) -> None:
    """UserError where a new training computes in another way than was asked for."""
    wanted: SystemSettings = training.settings
    if wanted.precision not in ("auto", compute.precision):
        raise UserError(f"{training.agent} computes in {compute.precision} only; leave out --precision")
    if wanted.device != "auto" and not compute.device.startswith(wanted.device):
        raise UserError(f"{training.agent} computes on the {compute.device} only; leave out --device")


def aside(text: str) -> None:
    """Beside what a command prints, which may be JSON."""
    print(text, file=sys.stderr, flush=True)


def session_of_run(run: Run, typed: Typed) -> SystemSession:
    """The session that `run`'s config.yaml describes, in its initial state."""
    saved = Description.of_run(run)
    system = find_system(saved.task, saved.agent)
    settings = from_dict(SystemSettings, saved.settings)
    config = from_dict(type(find(system.config)), saved.config)
    training = Training(saved.kind, saved.task, saved.agent, settings, config)
    return SystemSession(training, from_dict(Compute, saved.compute), runs=run.path.parent, anew=run.anew())
