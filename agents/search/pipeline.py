"""Search in one game on all cores: several batches of leaves are evaluated while the tree selects the next.

    tree      gather 1 · gather 2 · gather 3 · back up 1, gather 4 · back up 2, gather 5 · …
    thread 1  ┕━ evaluate 1 ━━━━━━━━━━━━━━━━━┙┕━ evaluate 3 ━━━━━━━━━━┙
    thread 2             ┕━ evaluate 2 ━━━━━━━━━━━━━━━━━┙┕━ evaluate 4 ━━━━━━━━━┙

Each thread uses one core and never waits for the tree: there is always one batch more in flight than there are threads.
Batches are backed up in the order in which they were gathered, so a search with a given number of simulations does not
depend on thread timing.

Leaves selected while others are pending are selected with less information. So few leaves are pending while the tree
is small or the search is short (a tree kept from the last move may be large even if only a few simulations are added).
A pending visit counts as a visit, and as a fraction of a loss (`SearchConfig.virtual_loss`).
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from agents.search.model import Expansion
from agents.search.search import Leaves, Search

_ROOT = np.array([0])
_SHORT = 64  # simulations per pending leaf: a search of 400 has 6 pending
_DESCENTS = 32  # allowed per leaf of a batch, as some descents end at terminal positions


class _Batch(NamedTuple):
    leaves: Leaves
    found: Future[Expansion]
    since: float


class Pipeline:
    """Pipelined search in the first tree of a `Search`; its `config.leaves` > 1 is the largest batch."""

    def __init__(
        self, search: Search, threads: ThreadPoolExecutor | None, count: int, visits_per_leaf: int = 8
    ) -> None:
        """`threads`: a pool of `count` threads; None: batches are evaluated here, one after another.

        At most one leaf is pending per `visits_per_leaf` visits of the root, and per `_SHORT` simulations to do.
        """
        self.search, self.threads, self.count = search, threads, count
        self.depth = count + 1 if threads is not None and count > 1 else 1  # batches in flight
        self.visits_per_leaf = visits_per_leaf
        self.latency = 0.0  # seconds taken by the last batches
        self._under_way: deque[_Batch] = deque()

    def beside(self, search: Search) -> Pipeline:
        """A pipeline for another game with the same threads."""
        return Pipeline(search, self.threads, self.count, self.visits_per_leaf)

    def step(self) -> None:
        """Gather as many batches as allowed, then back up the oldest one."""
        try:
            self._fill()
            if self._under_way:
                self._finish()
        except BaseException:  # including Ctrl-C
            self.abandon()
            raise

    def drain(self) -> None:
        """Back up all batches in flight."""
        try:
            while self._under_way:
                self._finish()
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Drop the tree together with the batches in flight."""
        while self._under_way:
            self._under_way.popleft().found.cancel()
        self.search.pending = 0
        self.search.forget(_ROOT)

    def _fill(self) -> None:
        search = self.search
        while len(self._under_way) < self.depth:
            if search.tree.used[0] + search.config.leaves > search.tree.parent.shape[1]:  # no room
                while self._under_way:
                    self._finish()
                search.thin_out(0)
            leaves = search.gather(_ROOT, self._size(), _DESCENTS * search.config.leaves)
            if leaves is None:
                return
            now = time.perf_counter()
            if self.threads is not None:
                found = self.threads.submit(search.evaluate, leaves)
            else:
                found = Future()
                found.set_result(search.evaluate(leaves))
            self._under_way.append(_Batch(leaves, found, now))

    def _size(self) -> int:
        """Number of leaves in the next batch."""
        visits = int(self.search.tree.visits[0, 0].sum()) if self.search.tree.used[0] else 0
        budget = int(self.search.budget[0])
        waiting = max(1, min(visits // self.visits_per_leaf, budget // _SHORT))  # pending leaves allowed in total
        return min(self.search.config.leaves, max(1, -(-waiting // self.depth)))

    def _finish(self) -> None:
        batch = self._under_way[0]
        found = batch.found.result()
        self._under_way.popleft()
        self.search.backup(batch.leaves, found)
        took = time.perf_counter() - batch.since
        self.latency = 0.8 * self.latency + 0.2 * took if self.latency else took
