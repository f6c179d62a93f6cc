"""The process of each learner, once torch.distributed has connected them. No Ray in here.

rank 0         trains the run as a single process does; its learner deals out the parts of every batch
rank 1 … N-1   build the same session, take its learner's state, and follow
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tengen.kinds import Training, kind_named
from tengen.learners.group import Group
from tengen.presenting import presenter
from tengen.run import Run
from tengen.session import Session, Typed, Within, resume, session_of_run, train_new

Put = Callable[[str, Any], bool]
"""Tells the driver something; whether the training should save and stop."""


@dataclass(frozen=True)
class Order:
    """The order for rank 0: a new training, or a run to continue."""

    runs: str = ""  # the folder of runs
    training: Training | None = None
    run: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    typed: Typed = field(default_factory=dict)
    argv: tuple[str, ...] = ()
    here: str = ""  # the folder that paths start from


class Rows:
    """A `Sink` that posts the rows and learns whether to stop."""

    def __init__(self, put: Put) -> None:
        self._put = put
        self.asked = False

    def row(self, row: dict[str, Any]) -> None:
        self.asked = self._put("row", row) or self.asked

    def close(self, card: dict[str, Any] | None) -> None:
        self._put("close", None)


def lead(order: Order, group: Group, put: Put) -> None:
    """What rank 0 does: the training that is ordered, as one process would train it."""
    rows = Rows(put)

    def say(text: str) -> None:
        put("say", text)

    def ready(session: Session, run: Run) -> None:
        """The others build the same and get this one's state."""
        put("run", (str(run.path), session.display(run.path.name).arguments))
        shared: Any = session.shared  # type: ignore[attr-defined]
        group.deal([{"description": session.description().to_dict(), "state": shared.state()}] * group.size)
        shared.join(group)
        told = f"{group.size} learners, each with a part of every batch"
        run.log(told)
        say(told)

    within = Within("", order.argv, rows, lambda: rows.asked, ready)
    try:
        if order.training is None:
            outcome = resume(Path(order.run), order.changes, order.typed, presenter(say), say, within)
        else:
            runs = Path(order.runs)
            session = kind_named(order.training.kind).session(order.training, runs=runs)
            outcome = train_new(session, runs, presenter(say), say, within)
    finally:
        group.deal([None] * group.size)
    put("outcome", outcome)


def follow(group: Group) -> None:
    """What the others do until they are told that it is over."""
    begin = group.receive()
    if begin is None:
        return
    session = _same(begin["description"])
    try:
        shared: Any = session.shared  # type: ignore[attr-defined]
        shared.load(begin["state"])
        shared.join(group)
        while (work := group.receive()) is not None:
            shared.follow(work)
    finally:
        session.close()


def _same(description: dict[str, Any]) -> Session:
    """The session that `description` describes, without what rank 0 alone does."""
    alone = {"learners": 1, "workers": 0, "inference_actors": 0, "wandb": "off", "ray": "local"}
    settings = description["settings"]
    settings |= {name: value for name, value in alone.items() if name in settings}
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder))
        run.write_config(description)
        return session_of_run(run, {"outside": ""})
