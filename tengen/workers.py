"""Workers on Ray: a pool of actors whose loss costs time but never changes results.

    learner                                     worker (an actor on Ray, anywhere in the cluster)
    publish(version, weights, task)  ── object store, once a version ──▶  use(version, weights)
                                     ── a unit of work, its number ────▶  work(task)
    collect(n)                       ◀─ its result, and the state after it ───────

The work of a slot is a sequence of units, and the learner keeps the state after the last unit that it accepted. A
worker is a cache of that state: if it dies, is stopped or loses its node, another one is started, gets the state, and
does the same unit again. The lost worker's unit was never accepted, so nothing counts twice; accepted results are
here, so nothing is lost. Checkpoints hold those states.

Staleness (how many versions the weights of a unit are behind the learner): with `sync`, or if `max_staleness` is 0,
workers and learner take turns and it is 0. Otherwise a slot starts its next unit as soon as its last one is taken,
while the learner learns; `collect` waits for units that would become more than `max_staleness` versions old.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from tengen.checkpoint import Tree
from tengen.cluster import Cluster
from tengen.connection import connect
from tengen.errors import UserError, first_line
from tengen.settings import Distributed
from tengen.work import Arrays, Done, Host, Result, Slot, nbytes, report

_LOOK = 0.25  # seconds between two looks at the workers while waiting
_LATE = 3.0  # times the usual seconds of a unit after which the learner stops counting on it
_IN_A_ROW = 8  # failures of one slot without a success between them, after which it is given up


class Pool:
    """`slots` sequences of units, done by actors on Ray."""

    def __init__(
        self,
        worker: str,
        arguments: Sequence[dict[str, Any]],
        settings: Distributed,
        *,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        """`worker`: module:class of the room's worker, `arguments`: for each slot; `say` gets a line for every loss."""
        self.settings, self.say, self.patience = settings, say, settings.worker_patience
        self.in_turns = settings.sync or settings.max_staleness == 0
        need = len(arguments) * settings.worker_cpus
        self.connection = connect(Cluster(settings.ray, settings.ray_no_token), need)
        import ray

        self._ray: Any = ray
        self._check_gpus(len(arguments) * settings.worker_gpus)
        remote: Any = ray.remote
        host = remote(
            num_cpus=settings.worker_cpus,
            num_gpus=settings.worker_gpus,
            max_restarts=0,
            concurrency_groups={"health": 1},
        )(Host)
        self._make = lambda slot: host.remote(worker, slot.arguments)
        self.slots = [Slot(number, one) for number, one in enumerate(arguments)]
        self.version = 0
        self._weights: Any = None
        self._task: Any = None
        self._usual: list[float] = []  # seconds of recent units
        self._sent = 0  # bytes of weights since the last look
        self._looked = self._waiting_since = time.monotonic()
        self._told = False  # that some have no place
        for slot in self.slots:
            self._start(slot)

    def _check_gpus(self, need: float) -> None:
        """Check the resources: on one machine missing ones never appear; in a cluster nodes may join."""
        have = self._ray.cluster_resources().get("GPU", 0.0)
        if Cluster(self.settings.ray).is_local and need > have:
            self.connection.close()
            raise UserError(f"the workers need {need:g} GPUs in all, and Ray finds {have:g} here: --worker-gpus 0")

    # --- work -----------------------------------------------------------------------------------------------------

    def publish(self, version: int, weights: Arrays | None, task: Any = None) -> None:
        """Use these weights for units from now on; they are sent to each node once. None: the previous ones."""
        while weights is not None:
            try:
                self._weights = self._ray.put(dict(weights))
                break
            except self._ray.exceptions.RayError as error:  # the object store is full, and so is the disk
                self.say(f"the object store refused the weights ({first_line(error)}); trying again")
                time.sleep(1.0)
        self.version, self._task = version, task
        self._sent += nbytes(weights)

    def collect(self, count: int) -> list[Result]:
        """`count` accepted units: in turns one of each slot, in order; else those that are there first.

        Where not in turns their slots have begun the next unit when this returns.
        """
        found: list[Result] = []
        self._waiting_since, self._told = time.monotonic(), False
        for slot in self.slots:
            self._hand_out(slot)
        while not self._enough(found, count):
            found += self._wait(found, count)
        if self.in_turns:
            return sorted(found)
        for slot in self.slots:
            self._hand_out(slot)
        return found

    def _enough(self, found: Sequence[Result], count: int) -> bool:
        if self.in_turns:
            return len(found) == len(self.slots)
        oldest = self.version - self.settings.max_staleness
        return len(found) >= count and not any(s.unit is not None and s.version <= oldest for s in self.slots)

    def _wait(self, found: Sequence[Result], count: int) -> list[Result]:
        """The slots that finish within a moment; meanwhile the workers are checked."""
        refs = {slot.unit: slot for slot in self.slots if slot.unit is not None}
        pings = {slot.ping: slot for slot in self.slots if slot.ping is not None}
        if refs or pings:
            waited_for = [*refs, *(ping for ping, slot in pings.items() if not slot.started)]
            self._ray.wait(waited_for or [*pings], num_returns=1, timeout=_LOOK)
            ready, _ = self._ray.wait([*refs, *pings], num_returns=len(refs) + len(pings), timeout=0)
        else:
            ready = []
            time.sleep(_LOOK)
        taken = []
        for ref in ready:
            if ref in refs and (result := self._accept(refs[ref])):
                taken.append(result)
            elif ref in pings:
                self._answered(pings[ref])
        self._look_after()
        for slot in self.slots:
            if slot.unit is None and self._more_needed(slot, [*found, *taken], count):
                self._hand_out(slot)
        return taken

    def _more_needed(self, slot: Slot, found: Sequence[Result], count: int) -> bool:
        """Whether an idle slot should begin another unit for this collection."""
        if self.in_turns:
            return all(result.slot != slot.number for result in found)
        usual = statistics.median(self._usual) if self._usual else float("inf")
        now = time.monotonic()
        coming = sum(s.unit is not None and now - s.since < _LATE * usual for s in self.slots)
        return len(found) + coming < count

    def _hand_out(self, slot: Slot) -> None:
        if slot.unit is None and slot.started:
            state = None if slot.knows else slot.state
            slot.unit = slot.actor.work.remote(self.version, self._weights, state, self._task)
            slot.version, slot.since, slot.knows = self.version, time.monotonic(), True

    def _accept(self, slot: Slot) -> Result | None:
        """The finished unit of `slot`; None if it was lost and will be redone."""
        ref, slot.unit = slot.unit, None
        try:
            done: Done = self._ray.get(ref)
        except self._ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, UserError):
                raise UserError(str(error.cause)) from None
            self._lost(slot, f"{type(error.cause).__name__}: {first_line(error.cause)}")
            return None
        except self._ray.exceptions.RayError as error:
            self._lost(slot, first_line(error))
            return None
        slot.accept(done, self.version)
        self._usual = [*self._usual[-50:], done.health.seconds]
        return Result(slot.number, slot.version, done.value)

    # --- life and death -------------------------------------------------------------------------------------------

    def _start(self, slot: Slot) -> None:
        slot.actor, slot.started, slot.knows, slot.unit = self._make(slot), False, False, None
        self._ping(slot)

    def _ping(self, slot: Slot) -> None:
        slot.ping = slot.actor.ping.options(concurrency_group="health").remote()
        slot.asked = time.monotonic()

    def _answered(self, slot: Slot) -> None:
        ref, slot.ping = slot.ping, None
        slot.asked = time.monotonic()
        try:
            self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            self._lost(slot, first_line(error))
        else:
            slot.started = True

    def _look_after(self) -> None:
        """Ping silent workers, give up those that stay silent, and report those that are not placed."""
        now = time.monotonic()
        for slot in self.slots:
            if slot.ping is None and now - slot.asked > self.patience / 4:
                self._ping(slot)
            elif slot.ping is not None and slot.started and now - slot.asked > self.patience:
                self._lost(slot, f"no answer for {self.patience:.0f} s")
        placed = sum(slot.started for slot in self.slots)
        if placed < len(self.slots) and not self._told and now - self._waiting_since > 10:
            self._told = True
            placed_of = f"{placed} of {len(self.slots)} workers are placed"
            self.say(f"{placed_of}; the others wait for resources (Ctrl-C twice ends the wait)")

    def _lost(self, slot: Slot, why: str) -> None:
        """Start another worker for `slot`, which continues from the last accepted unit."""
        slot.failures += 1
        slot.restarts += 1
        if slot.failures >= _IN_A_ROW:
            raise UserError(f"worker {slot.number} failed {slot.failures} times in a row, the last time: {why}")
        self.say(f"worker {slot.number} was lost ({why}); another one redoes its work")
        with suppress(self._ray.exceptions.RayError, ValueError):
            self._ray.kill(slot.actor, no_restart=True)
        self._start(slot)

    # --- what it looks like ---------------------------------------------------------------------------------------

    def metrics(self) -> dict[str, float]:
        """Metrics for a tick: each worker's steps a second, age of weights, idle fraction, CPU and memory."""
        now = time.monotonic()
        passed, self._looked = max(1e-9, now - self._looked), now
        sent, self._sent = self._sent, 0
        return report(self.slots, passed, sent)

    # --- saving ---------------------------------------------------------------------------------------------------

    def states(self) -> list[Tree | None]:
        """The state of each slot after its last accepted unit."""
        return [slot.state for slot in self.slots]

    def load(self, states: Sequence[Tree | None]) -> None:
        """Continue from `states`; units in progress are dropped."""
        for slot, state in zip(self.slots, states, strict=True):
            slot.state, slot.knows = state, False
            if slot.unit is not None:
                self._ray.kill(slot.actor, no_restart=True)
                self._start(slot)

    def close(self) -> None:
        for slot in self.slots:
            with suppress(Exception):  # whatever is gone already
                self._ray.kill(slot.actor, no_restart=True)
        self.connection.close()
