"""Kinds of runs: each belongs to a room, whose catalogue defines what can be trained and what such a run offers.

    system      supervised    systems of the reading list
    labels      supervised    networks that learn from labels
    selfplay    selfplay      players of board games that learn from their own games
    agent       agents        agents that learn in an environment

This table is the only place that distinguishes kinds; nothing else compares a kind's name. It holds names of modules,
not imports, so that this room does not depend on those above it and `--help` stays quick.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, Protocol

from tengen.errors import UnknownName, UserError, nearer, unknown
from tengen.lookup import find

KINDS = {
    "system": "supervised.systems.catalogue",  # first: it takes a task with labels only with an option of its own
    "labels": "supervised.catalogue",
    "selfplay": "selfplay.catalogue",
    "agent": "agents.catalogue",
}

Given = Callable[[str], "str | None"]  # the value of an option as it was typed: given("--net")


@dataclass(frozen=True)
class Training:
    """What to train and how: a preset, changed by the options given."""

    kind: str
    task: str
    agent: str  # what is trained: an agent or a network
    settings: Any  # a tengen.settings.Common
    config: Any
    title: str = ""  # of the configuration, for the help
    agents: tuple[str, ...] = ()  # the choices of `--agent`; empty: no choice
    without: tuple[str, ...] = ()  # fields of settings and config that it refuses; the help leaves them out


@dataclass(frozen=True)
class Named:
    """A run or a zoo network, found by its name."""

    name: str
    kind: str
    task: str
    agent: str
    run: Path | None  # None: an entry of the zoo
    card: dict[str, Any]  # of the zoo's entry; empty for a run


@dataclass(frozen=True)
class EvalOptions:
    """The options of `tengen eval`."""

    runs: Path
    protocol: str = "sticky"  # how Atari is played
    episodes: int = 0  # games, or positions; 0: as many as suit the task
    seed: int = 1000
    temperature: float = 0.5  # of an agent's policy
    data: str = ""  # pictures for a classifier of the zoo
    records: str = ""  # of games, for a Go network of the zoo
    positions: str = ""  # of a solved game
    simulations: int = 400  # a move, where there is search
    against: str = ""  # player that a run's rated networks meet
    networks: int = 6  # how many of those networks


@dataclass(frozen=True)
class ShipOptions:
    """How to measure the card of a network for the zoo; the task decides whatever is left out."""

    runs: Path
    positions: str = ""  # Connect 4: a file or folder of them
    opponent: str = ""  # Go
    games: int = 0  # Go: against the opponent; other agents: how many


class Film(Protocol):
    frames: list[Any]  # [H, W, 3] bytes
    caption: str


@dataclass(frozen=True)
class Kind:
    """What a room offers for its runs; expensive modules are imported only when called."""

    name: str
    tasks: str  # which tasks, for the help
    names: Callable[[], Iterable[str]]  # of tasks, for "did you mean"
    preset: Callable[[str, Given], Training | None]  # None: the task, with the options given, is of another kind
    headline: Callable[[Training], str]  # what is trained, in one line
    metric: str  # the column that counts: the higher the better
    session: Callable[..., Any]  # (Training, runs=Path) -> tengen.session.Session
    session_of_run: Callable[..., Any]  # (Run, typed) -> Session
    evaluate: Callable[..., Any]  # (Named, EvalOptions, say) -> tengen.session.Report
    film: Callable[..., Any]  # (Named, seed) -> Film
    show: Callable[..., Any]  # (Session, Run) -> files: what there is to look at of a run that has just finished
    draw: Callable[..., Any]  # (runs, out): the curves of runs of this kind in one picture
    pictures: Callable[..., Any]  # (run's folder) -> files: what its network learned, to look at
    ship: Callable[..., Any]  # (Run, name, ShipOptions, put): the network and its card, for the zoo
    diagnose: Callable[..., Any]  # (say): how fast this machine is at it
    sample: Callable[..., Any] = lambda named, options, say: _nothing_to_sample(named)  # text or pictures that it makes
    programs: Callable[[Training], list[str]] = lambda training: []  # that it starts: GTP engines
    shares: bool = False  # whether its sessions have a `shared` learner: several processes can learn together


def _nothing_to_sample(named: Named) -> NoReturn:
    raise UserError(f"{named.name} cannot be sampled; tengen sample is for models that generate text or pictures")


def later(where: str) -> Callable[..., Any]:
    """The function or class `module:name`, imported when it is first called."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return find(where)(*args, **kwargs)

    return call


def kind_named(name: str) -> Kind:
    """The kind called `name`."""
    if name not in KINDS:
        raise unknown("kind of run", name, KINDS, "(it may come from another version)")
    kind: Kind = importlib.import_module(KINDS[name]).KIND
    return kind


def all_kinds() -> list[Kind]:
    return [kind_named(name) for name in KINDS]


def training_for(task: str, given: Given) -> tuple[Kind, Training]:
    """The preset for `task`, of the first kind that trains it."""
    kinds = all_kinds()
    try:
        for kind in kinds:
            if training := kind.preset(task, given):
                return kind, training
    except UnknownName as error:
        others = [name for other in kinds for name in other.names()]
        raise (nearer(error, task, others) if error.what == "task" else error) from None
    raise unknown("task", task, [name for kind in kinds for name in kind.names()])


def the_kind(names: Iterable[str]) -> Kind:
    """The kind that all runs share; UserError if they differ."""
    found = set(names)
    if len(found) != 1:
        kinds = ", ".join(sorted(found))
        raise UserError(f"runs of different kinds ({kinds}) cannot be plotted together; plot each kind separately")
    return kind_named(found.pop())
