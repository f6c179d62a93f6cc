"""One game on all cores: several batches of leaves are evaluated while the tree selects the next.

    tree      gather 1 · gather 2 · gather 3 · back up 1, gather 4 · back up 2, gather 5 · …
    thread 1  ┕━ evaluate 1 ━━━━━━━━━━━━━━━━━┙┕━ evaluate 3 ━━━━━━━━━━┙
    thread 2             ┕━ evaluate 2 ━━━━━━━━━━━━━━━━━┙┕━ evaluate 4 ━━━━━━━━━┙

Each thread computes on one core and never waits for the tree: there is always one batch more than threads in flight.
Batches are backed up in the order in which they were gathered, so a search of a given number of simulations does not
depend on which thread was faster.

Leaves selected while others are pending are selected with less knowledge. So few leaves may be pending while the tree
is small, or the search short: a tree kept from the last move may be large when only a few simulations are added to it.
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
_SHORT = 64  # simulations of a search for each leaf that waits: with 400 to do, 6 of them are under way
_DESCENTS = 32  # that a batch may take for each of its leaves: the others end at terminal positions


class _Batch(NamedTuple):
    leaves: Leaves
    found: Future[Expansion]
    since: float


class Pipeline:
    """The first tree of a `Search`, whose config has `leaves` > 1: the largest batch."""

    def __init__(
        self, search: Search, threads: ThreadPoolExecutor | None, count: int, visits_per_leaf: int = 8
    ) -> None:
        """`threads` is a pool of `count`; None: batches are evaluated here, one after the other.

        At most one leaf waits for so many visits of the root, and one for every `_SHORT` simulations of the search.
        """
        self.search, self.threads, self.count = search, threads, count
        self.depth = count + 1 if threads is not None and count > 1 else 1  # batches under way
        self.visits_per_leaf = visits_per_leaf
        self.latency = 0.0  # seconds that the last batches took
        self._under_way: deque[_Batch] = deque()

    def beside(self, search: Search) -> Pipeline:
        """Another game's pipeline with the same threads."""
        return Pipeline(search, self.threads, self.count, self.visits_per_leaf)

    def step(self) -> None:
        """Gather what may be gathered, then back up the oldest batch."""
        try:
            self._fill()
            if self._under_way:
                self._finish()
        except BaseException:  # Ctrl-C, too
            self.abandon()
            raise

    def drain(self) -> None:
        """Back up whatever is under way."""
        try:
            while self._under_way:
                self._finish()
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Forget the tree, and with it what is under way."""
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
        """Leaves of the next batch."""
        visits = int(self.search.tree.visits[0, 0].sum()) if self.search.tree.used[0] else 0
        budget = int(self.search.budget[0])
        waiting = max(1, min(visits // self.visits_per_leaf, budget // _SHORT))  # that may wait in all
        return min(self.search.config.leaves, max(1, -(-waiting // self.depth)))

    def _finish(self) -> None:
        batch = self._under_way[0]
        found = batch.found.result()
        self._under_way.popleft()
        self.search.backup(batch.leaves, found)
        took = time.perf_counter() - batch.since
        self.latency = 0.8 * self.latency + 0.2 * took if self.latency else took
