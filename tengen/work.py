"""The interface of a worker: what a room implements, and what the pool sees (tengen/workers.py). No Ray in here."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import psutil

from tengen.lookup import find

if TYPE_CHECKING:  # it imports torch, which a worker may not need
    from tengen.checkpoint import Tree

Arrays = Mapping[str, Any]  # name -> array: weights as they travel


class Worker(Protocol):
    """The worker of a room, which knows nothing of Ray. Made by `module:class` from plain arguments."""

    def use(self, version: int, weights: Arrays) -> None:
        """From now on work with these weights."""
        ...

    def work(self, task: Any) -> tuple[Any, float]:
        """One unit of work: (what came of it, how many steps or moves it was)."""
        ...

    def state(self) -> Tree:
        """Everything that the next unit depends on besides weights and task."""
        ...

    def load(self, state: Tree) -> None: ...


class Result(NamedTuple):
    """A unit of work that was accepted."""

    slot: int
    version: int  # of the weights it was made with
    value: Any


class Health(NamedTuple):
    """A worker's report about itself after a unit."""

    seconds: float  # of the unit
    idle: float  # seconds before it, since the last one
    cpu: float  # percent of one core, meanwhile
    memory: float  # MB


class Done(NamedTuple):
    """A worker's answer."""

    value: Any
    amount: float  # steps or moves
    state: Tree
    health: Health


class Host:
    """The actor: holds one worker of a room, created on the first unit in the working thread."""

    def __init__(self, worker: str, arguments: dict[str, Any]) -> None:
        self._make = (worker, arguments)
        self._worker: Worker | None = None
        self._version: int | None = None
        self._process = psutil.Process()
        self._ended = time.perf_counter()

    def ping(self) -> int:
        """The process's number. Answered in a thread of its own, also while the worker works."""
        return self._process.pid

    def work(self, version: int, weights: Arrays, state: Tree | None, task: Any) -> Done:
        begun = time.perf_counter()
        idle = begun - self._ended
        self._process.cpu_percent()
        if self._worker is None:
            self._worker = find(self._make[0])(**self._make[1])
        if state is not None:
            self._worker.load(state)
        if version != self._version:
            self._worker.use(version, weights)
            self._version = version
        value, amount = self._worker.work(task)
        self._ended = time.perf_counter()
        memory = self._process.memory_info().rss / 1e6
        health = Health(self._ended - begun, idle, self._process.cpu_percent(), memory)
        return Done(value, amount, self._worker.state(), health)


@dataclass
class Slot:
    """A sequence of units, and the worker that works on it now."""

    number: int
    arguments: dict[str, Any]
    state: Tree | None = None  # after the last accepted unit; None: it begins from the beginning
    actor: Any = None
    started: bool = False  # the actor has a place and answers
    knows: bool = False  # the actor is where `state` is
    unit: Any = None  # the reference of the unit that is being worked on
    version: int = 0  # of that unit's weights
    since: float = 0.0  # when that unit was handed out
    ping: Any = None
    asked: float = 0.0  # when the ping was sent
    failures: int = 0  # since the last success
    restarts: int = 0
    steps: float = 0.0  # since the last look, as is what follows
    busy: float = 0.0
    idle: float = 0.0
    bytes: float = 0.0
    age: int = 0  # versions behind, of the last accepted unit
    health: Health | None = None

    def accept(self, done: Done, version: int) -> None:
        """The unit counts; the learner is at `version`."""
        self.state, self.failures, self.health = owned(done.state), 0, done.health
        self.age = version - self.version
        self.steps += done.amount
        self.bytes += nbytes(done.value) + nbytes(done.state)
        self.busy += done.health.seconds
        self.idle += done.health.idle


def owned(tree: Any) -> Any:
    """`tree` with arrays of its own: what comes out of the object store is read-only, and fills it while it is used."""
    if isinstance(tree, dict):
        return {name: owned(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [owned(value) for value in tree]
    return tree.copy() if isinstance(tree, np.ndarray) else tree


def nbytes(value: Any) -> int:
    """Bytes of the arrays and bytes in `value`, those in records too."""
    if isinstance(value, bytes):
        return len(value)
    if is_dataclass(value):
        return nbytes(vars(value))
    if isinstance(value, Mapping):
        return sum(map(nbytes, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(nbytes, value))
    return int(getattr(value, "nbytes", 0))


def report(slots: Sequence[Slot], passed: float, sent: float) -> dict[str, float]:
    """Columns for a tick, over the `passed` seconds since the last one: of each worker steps a second, age of its
    weights, fraction of time idle, CPU and memory; bytes a second that came, or were among the `sent`."""
    row: dict[str, float] = {"worker/bytes": (sent + sum(slot.bytes for slot in slots)) / passed}
    for slot in slots:
        of = {"rate": slot.steps / passed, "age": float(slot.age)}
        of["idle"] = slot.idle / max(1e-9, slot.busy + slot.idle)
        if slot.health:
            of |= {"cpu": slot.health.cpu, "memory": slot.health.memory}
        row |= {f"worker/{slot.number}/{name}": value for name, value in of.items()}
        slot.steps = slot.busy = slot.idle = slot.bytes = 0.0
    row["worker/alive"] = float(sum(slot.started for slot in slots))
    row["worker/restarts"] = float(sum(slot.restarts for slot in slots))
    row["worker/staleness"] = float(max(slot.age for slot in slots))
    return row
