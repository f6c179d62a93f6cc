"""The process of one training: `python -m capstones.train_one RUN STEPS`, started by `capstones.training`."""

from __future__ import annotations

import importlib
import os
import random
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from capstones.check.audit import install_from_environment
from capstones.training import NOTE, NUMBER, unkeyed
from tengen.checkpoint import Tree, checkpoints
from tengen.drive import drive
from tengen.errors import UserError, unknown
from tengen.files import write_json
from tengen.metrics import Tick
from tengen.provenance import metadata
from tengen.run import Run

_CHECKPOINT_SECONDS = 30.0
_PATIENCE = 2.0  # seconds: a cell that looks whether anybody trains the run holds the lock for a moment
_NEEDED = ("advance", "state", "load")


class Learner:
    """A user's `Training` with the interface of `tengen.drive`; its state includes the global generators."""

    def __init__(self, make: str, config: dict[str, Any], steps: int) -> None:
        seed = int(config["seed"])
        random.seed(seed)
        np.random.seed(seed % 2**32)
        torch.manual_seed(seed)
        self.steps, self.make = steps, make
        self.made = _class(make)(config)
        if missing := [name for name in _NEEDED if not callable(getattr(self.made, name, None))]:
            raise UserError(f"{make} has no {', '.join(missing)}: a training has {', '.join(_NEEDED)} and step")

    @property
    def step(self) -> int:
        try:
            return int(self.made.step)
        except (AttributeError, TypeError, ValueError) as error:
            raise UserError(f"{self.make} has no `step`, the number of steps it has trained for") from error

    def ticks(self) -> Iterator[Tick]:
        while (before := self.step) < self.steps:
            answer = self.made.advance()
            if self.step <= before:
                raise UserError(f"{self.make}: advance() must raise `step`, which stays at {before}: it never ends")
            yield Tick(self.step, _metrics(self.make, answer), {})

    def state(self) -> Tree:
        kind, numbers, position, has_gauss, cached = np.random.get_state()
        return {
            "training": _keyed(self.made.state()),
            "chance": {
                "torch": torch.get_rng_state(),
                "numpy": [kind, numbers, position, has_gauss, cached],
                "python": list(random.getstate()[1]),
            },
        }

    def load(self, tree: Tree) -> None:
        self.made.load(unkeyed(tree["training"]))
        chance = tree["chance"]
        torch.set_rng_state(chance["torch"])
        np.random.set_state(tuple(chance["numpy"]))
        random.setstate((3, tuple(chance["python"]), None))


def _keyed(tree: Any) -> Any:
    """Whole numbers as keys (an optimiser's state has them) as text, which is all that JSON has."""
    if isinstance(tree, dict):
        return {f"{NUMBER}{key}" if isinstance(key, int) else key: _keyed(value) for key, value in tree.items()}
    return [_keyed(value) for value in tree] if isinstance(tree, list | tuple) else tree


def _class(make: str) -> Any:
    module, _, name = make.partition(":")
    found = importlib.import_module(module)
    if not hasattr(found, name):
        raise unknown(f"class in {module}", name, [key for key in vars(found) if not key.startswith("_")])
    return getattr(found, name)


def _metrics(make: str, answer: Any) -> dict[str, float]:
    try:
        return {str(key): float(value) for key, value in (answer or {}).items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise UserError(f"{make}: advance() must return a dict of numbers, not {answer!r:.100}") from error


def _report(run: Run, text: str) -> None:
    """Into the log, and to whoever follows the training (`capstones.training` shows lines that begin with NOTE)."""
    run.log(text)
    print(NOTE + text, flush=True)


def main(path: Path, steps: int) -> None:
    tethered, parent = os.environ.get("TENGEN_TETHERED", "") == "1", os.getppid()
    run = Run.open(path)
    run.lock(_PATIENCE)
    what, meta = run.config(), run.meta()
    if "started" not in meta:
        write_json(path / "meta.json", meta | metadata({}, {}, ["training", what["make"]]))
    learner = Learner(what["make"], what["config"], steps)
    if checkpoints(run.checkpoint_folder):
        run.log(f"resumed from step {run.restore(learner, partial(_report, run))}")
    drive(
        run,
        learner,
        [],
        checkpoint_seconds=_CHECKPOINT_SECONDS,
        asked=lambda: tethered and os.getppid() != parent,
    )


if __name__ == "__main__":
    install_from_environment()
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]))
    except UserError as error:
        print(f"tengen: {error}")
        sys.exit(2)
