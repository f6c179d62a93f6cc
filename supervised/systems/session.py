"""The training of a system: its study, and what every run has."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from supervised.systems.card import SystemCard
from supervised.systems.catalogue import find_system
from supervised.systems.settings import SystemSettings
from supervised.systems.study import Say, Setup, Study
from tengen.card import save_card
from tengen.config import from_dict
from tengen.description import Description
from tengen.device import Compute
from tengen.display import Display
from tengen.errors import UserError
from tengen.kinds import Training
from tengen.lookup import find
from tengen.metrics import Trainer
from tengen.papers import published
from tengen.run import Run
from tengen.seeding import Seeds
from tengen.session import Typed


class SystemSession:
    """Built from its settings; the same for a new and a resumed run."""

    frames_per_step = 1
    began_from: dict[str, Any] | None = None

    def __init__(self, training: Training, compute: Compute | None = None, *, runs: Path = Path("runs")) -> None:
        """`compute` None: a new run, which chooses how it computes."""
        del runs  # where other sessions look for --trunk
        self.training, self.settings = training, training.settings
        _refuse(training)
        self.system = find_system(training.task, training.agent)
        torch.use_deterministic_algorithms(True, warn_only=True)
        setup = Setup(training.task, training.settings, training.config, Seeds(training.settings.seed), compute, aside)
        self.learner: Study = find(self.system.study)(setup)
        self.compute, self.measured = self.learner.compute, self.learner.measured
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


def _refuse(training: Training) -> None:
    """UserError for options of other kinds of training: nobody should think that they did something."""
    settings: SystemSettings = training.settings
    for option, given in (("--trunk", settings.trunk), ("--keep-heads", settings.keep_heads)):
        if given:
            raise UserError(
                f"{option} is for tasks with labels and for agents; {training.agent} has a network of its own"
            )
    if settings.learners > 1:
        raise UserError(f"{training.agent} learns in one process; --learners is for labels and self-play")
    if not settings.steps:
        raise UserError(f"--steps 0: how long should {training.agent} train? leave the option out for its own length")


def aside(text: str) -> None:
    """Beside what a command prints, which may be JSON."""
    print(text, file=sys.stderr, flush=True)


def session_of_run(run: Run, typed: Typed) -> SystemSession:
    """The session that `run`'s config.yaml describes, in its initial state."""
    saved = Description.of_run(run)
    system = find_system(saved.task, saved.agent)
    settings = from_dict(SystemSettings, saved.settings)
    config = from_dict(type(find(system.config)), saved.config)
    return SystemSession(
        Training(saved.kind, saved.task, saved.agent, settings, config), from_dict(Compute, saved.compute)
    )
