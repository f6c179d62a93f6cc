"""Self-play on several cores: streams of games, a thread each, that share nothing but the network's weights.

One search after the other on all cores leaves them idle whenever a tree, the rules or the interpreter work; a
stream a core does not. A stream is a `SelfPlay` with its own share of the boards, its own copy of the network and
its own numbers for its games (every n-th), so what it plays does not depend on when the others get on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import torch

T = TypeVar("T")


class Streams:
    """Threads in which PyTorch computes with one core each."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ThreadPoolExecutor | None = None

    def run(self, work: Sequence[Callable[[], T]]) -> list[T]:
        """All results, in the order of `work`."""
        if self.count == 1:
            return [one() for one in work]
        threads = torch.get_num_threads()
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.count, "tengen-stream", torch.set_num_threads, (1,))
        try:
            return list(self._pool.map(lambda one: one(), work))
        finally:
            torch.set_num_threads(threads)  # a thread that sets its own number sets what new ones begin with, too


def share_out(saved: Sequence[dict[str, Any]], streams: int) -> list[dict[str, Any]]:
    """What `SelfPlay.state` gave for the streams of a board, as it would be for another number of `streams`."""
    if len(saved) == streams:
        return list(saved)
    sheets = [sheet for one in saved for sheet in one["sheets"]]
    states = np.concatenate([np.asarray(one["states"]) for one in saved]).reshape(len(sheets), -1)
    unused = max(one["next"] for one in saved)
    ended = sum(one["ended"] for one in saved)
    return [
        {
            "sheets": sheets[stream::streams],
            "states": states[stream::streams].ravel(),
            "next": unused + (stream - unused) % streams,
            "ended": ended if stream == 0 else 0,
        }
        for stream in range(streams)
    ]
