"""Search in one game: for a number of simulations, for some seconds, or until told to stop.

    thinker = make_thinker("go9-alphazero", game, runs=Path("runs"))
    thinker.at(state)                                      # [1] a state of the game
    found = thinker.think(Limit(seconds=5.0))              # Analysis: visits, values and lines, the best move first
    thinker.played(found.best)                             # the subtree of that move is kept
    thinker.close()

A network computes on all cores (agents/search/pipeline.py). For many games at once there is
selfplay/players/searcher.py. A thinker belongs to one thread at a time; `stop` is an event that another thread sets.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from agents.search.arrays import bytes_per_node
from agents.search.details import Details
from agents.search.evaluators import Evaluation, Evaluator
from agents.search.model import GameModel
from agents.search.pipeline import Pipeline
from agents.search.search import Search, SearchConfig
from envs.boards.game import Game
from selfplay.analysis import Analysis, MoveAnalysis, analyse
from tengen.device import cores, keep_freed_memory
from tengen.errors import UserError

__all__ = ["Analysis", "Limit", "MoveAnalysis", "Thinker", "make_thinker"]

_ROOT = np.array([0])
_ENDLESS = 2**60  # simulations
_POINTS = 5184  # of all boards of the largest batch: 64 of 9x9, 14 of 19x19; more would be slow to stop
_SOONEST = 0.1  # seconds after which the speed of a search is known


class Limit(NamedTuple):
    """When to stop: whichever comes first. None for both: when told to, or once a result is proven."""

    simulations: int | None = None
    seconds: float | None = None
    early: bool = False
    """Stop as soon as no other move can overtake the most visited one within what is left of the limit."""


class Thinker:
    """A search in one game."""

    def __init__(
        self,
        name: str,
        game: Game,
        evaluator: Evaluator,
        config: SearchConfig,
        seed: int = 1,
        most: int = 300_000,
        memory: int = 256 << 20,
        threads: int = 1,
    ) -> None:
        """A tree has at most `most` nodes in `memory` bytes; a search that needs more forgets what it visited least.

        `threads` of their own evaluate, each on one core, where `config.leaves` is more than 1.
        """
        self.name, self.game, self.evaluator = name, game, evaluator
        points = int(np.prod(game.board_shape))
        nodes = max(1024, min(most, memory // bytes_per_node(game.num_actions, points)))
        self.model = GameModel(game, evaluator, game.new(1))
        self.details = Details(nodes, points)
        self.search = Search(self.model, 1, _ENDLESS, config, [seed], nodes, self.details)
        self.threads = _threads(threads) if config.leaves > 1 and threads > 1 else None
        self.pipeline = Pipeline(self.search, self.threads, threads)
        self._seconds = 0.0

    def at(self, state: np.ndarray) -> None:
        """Forget what was found, and think about `state` [1] from now on."""
        self.model.roots[:] = state
        self.search.forget(_ROOT)

    def played(self, action: int) -> None:
        """Play `action`: its subtree is kept."""
        self.game.play(self.model.roots, np.array([action]))
        self.search.play(_ROOT, np.array([action]))

    def think(
        self,
        limit: Limit,
        stop: threading.Event | None = None,
        watch: Callable[[Analysis], None] = lambda found: None,
        every: float = 0.5,
    ) -> Analysis:
        """Search until `limit` or `stop`; `watch` gets the results so far `every` so many seconds."""
        if self.game.ended(self.model.roots)[0]:
            raise UserError("the game is over: there is no move to think about")
        if limit.simulations is None and limit.seconds is None and stop is None:
            raise ValueError("this search would never end: give a limit, or an event")
        begun = told = now = time.perf_counter()
        self.search.begin(_ROOT, _ENDLESS if limit.simulations is None else limit.simulations, noisy=False)
        while len(self.search.finished(_ROOT)) == 0:
            self.pipeline.step()
            now = time.perf_counter()
            self._seconds = now - begun
            out_of_time = limit.seconds is not None and self._seconds + self.pipeline.latency >= limit.seconds
            if out_of_time or (stop is not None and stop.is_set()) or (limit.early and self._decided(limit)):
                break
            if now - told >= every:
                told = now
                watch(self.analysis())
        self.pipeline.drain()
        self._seconds = time.perf_counter() - begun
        return self.analysis()

    def analysis(self) -> Analysis:
        """What has been found so far; visits that still wait for their evaluation are left out."""
        return analyse(self.search, self.game, self.model.roots, self._seconds)

    def evaluate(self) -> Evaluation:
        """What the evaluator says of the position itself, without search; as the player to move sees it."""
        return self.evaluator(self.model.roots)

    def close(self) -> None:
        """End the threads; `think` cannot be called any more."""
        if self.threads is not None:
            self.threads.shutdown(wait=True, cancel_futures=True)

    def _decided(self, limit: Limit) -> bool:
        """Whether no move can overtake the most visited one within what is left."""
        done = int(self.search.done[0])
        left = float(_ENDLESS if limit.simulations is None else limit.simulations - done)
        if limit.seconds is not None and self._seconds >= _SOONEST:
            left = min(left, done / self._seconds * (limit.seconds - self._seconds))
        second, first = np.partition(self.search.tree.visits[0, 0], -2)[-2:]
        return bool(first - second > left + self.search.pending)


def _threads(count: int) -> ThreadPoolExecutor:
    """A pool in which PyTorch computes with one core a thread."""
    keep_freed_memory()
    before = torch.get_num_threads()
    pool = ThreadPoolExecutor(count, "tengen-thinking", torch.set_num_threads, (1,))
    together = threading.Barrier(count)
    for started in [pool.submit(together.wait) for _ in range(count)]:
        started.result()
    torch.set_num_threads(before)  # a thread that sets its own number sets that of new threads, too
    return pool


def make_thinker(name: str, game: Game, runs: Path = Path("runs"), seed: int = 1, most: int = 300_000) -> Thinker:
    """The thinker that a player's name stands for: a network (NAME, NAME:400), or uct. UserError for other players."""
    from agents.search.evaluators import Rollouts
    from selfplay.players.network import network
    from selfplay.players.searcher import search_config

    kind, _, rest = name.partition(":")
    if kind in ("random", "policy", "gtp"):
        raise UserError(f"{name} does not search; use a network or uct")
    if kind == "uct":
        config = SearchConfig(c_init=1.0, fpu=0.0, leaves=1, proofs=True, count_kept=False)
        return Thinker(name, game, Rollouts(game, seed), config, seed, most)
    net, count = kind if rest.isdigit() else name, cores()
    evaluator = network(net, game, runs, threads=1 if count > 1 else 0, details=True)
    leaves = int(np.clip(_POINTS // np.prod(game.board_shape), 8, 64))
    return Thinker(name, game, evaluator, search_config(game, leaves), seed, most, threads=count)
