"""Many sleeping workers in few processes, for simulations of clusters that do not fit on one machine."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

from tengen.lookup import find
from tengen.work import Arrays, Done, Health, Slot
from tengen.workers import Pool

_TOGETHER = 64  # workers in a process


class Group:
    """An actor in which the workers of several slots sleep side by side (asyncio)."""

    def __init__(self, worker: str) -> None:
        self._make, self._members, self._ended = find(worker), {}, {}  # type: ignore[var-annotated]

    async def ping(self) -> int:
        return os.getpid()

    async def work(self, number: int, arguments: dict[str, Any], version: int, weights: Arrays, state: Any) -> Done:
        begun = time.perf_counter()
        if number not in self._members:
            self._members[number] = self._make(**arguments)
        member = self._members[number]
        if state is not None:
            member.load(state)
        member.use(version, weights)
        seconds = member.seconds()
        await asyncio.sleep(seconds)
        idle = begun - self._ended.get(number, begun)
        self._ended[number] = time.perf_counter()
        health = Health(self._ended[number] - begun, idle, 0.0, 0.0)
        return Done((seconds, member.payload), 1.0, member.state(), health)


class _Method:
    """`actor.method.remote(...)`, as the pool calls it, to the group of a slot."""

    def __init__(self, call: Any) -> None:
        self.remote = call

    def options(self, **_: Any) -> _Method:
        return self


class _Member:
    """What the pool takes for a slot's actor."""

    def __init__(self, group: Any, slot: Slot) -> None:
        self.ping = _Method(group.ping.remote)
        self.work = _Method(
            lambda version, weights, state, task: group.work.remote(
                slot.number, slot.arguments, version, weights, state
            )
        )


class SharedPool(Pool):
    """The pool, with workers that share processes."""

    _groups: dict[int, Any] | None = None

    def _start(self, slot: Slot) -> None:
        if self._groups is None:
            remote: Any = self._ray.remote
            kind = remote(num_cpus=0, max_restarts=0, max_concurrency=2 * _TOGETHER)(Group)
            self._groups = {
                k: kind.remote("scripts.bench.sleeper:Sleeper") for k in range(-(-len(self.slots) // _TOGETHER))
            }
        group = self._groups[slot.number // _TOGETHER]
        self._make = lambda slot: _Member(group, slot)
        super()._start(slot)

    def close(self) -> None:
        for group in (self._groups or {}).values():
            self._ray.kill(group, no_restart=True)
        super().close()
