"""Threads in which PyTorch uses one core each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

T = TypeVar("T")


class Threads:
    """`run` calls functions at the same time, at most `count` of them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ThreadPoolExecutor | None = None

    def run(self, work: Sequence[Callable[[], T]]) -> list[T]:
        """All results, in the order of `work`."""
        if self.count == 1:
            return [one() for one in work]
        threads = torch.get_num_threads()
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.count, "tengen-actor", torch.set_num_threads, (1,))
        try:
            return list(self._pool.map(lambda one: one(), work))
        finally:
            torch.set_num_threads(threads)  # a thread that sets its own number sets that of new threads, too
