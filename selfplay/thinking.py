"""Search in a single game, limited by simulations, by seconds, or until told to stop.

    thinker = make_thinker("go9-alphazero", game, runs=Path("runs"))
    thinker.at(state)                                      # [1] a state of the game
    found = thinker.think(Limit(seconds=5.0))              # Analysis: visits, values and lines, best move first
    thinker.played(found.best)                             # the subtree below that move is kept
    thinker.close()

A network uses all cores (agents/search/pipeline.py). For many games at once, use selfplay/players/searcher.py. A
thinker belongs to one thread at a time; `stop` is an event set by another thread.
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
_POINTS = 5184  # board points in the largest batch: 64 boards of 9x9, 14 of 19x19; more would be slow to stop
_SOONEST = 0.1  # seconds after which a search's speed can be estimated


class Limit(NamedTuple):
    """When to stop, whichever comes first. None for both: when told to, or once the result is proven."""

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
        """The tree has at most `most` nodes and `memory` bytes; when full, it drops its least visited nodes.

        If `config.leaves` > 1, evaluations run on `threads` separate threads, each with one core.
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
        """Drop the tree and search from `state` [1] from now on."""
        self.model.roots[:] = state
        self.search.forget(_ROOT)

    def played(self, action: int) -> None:
        """Play `action`: the subtree below it is kept."""
        self.game.play(self.model.roots, np.array([action]))
        self.search.play(_ROOT, np.array([action]))

    def think(
        self,
        limit: Limit,
        stop: threading.Event | None = None,
        watch: Callable[[Analysis], None] = lambda found: None,
        every: float = 0.5,
    ) -> Analysis:
        """Search until `limit` or `stop`; `watch` gets the current analysis `every` so many seconds."""
        if self.game.ended(self.model.roots)[0]:
            raise UserError("the game is over: there is no move to think about")
        if limit.simulations is None and limit.seconds is None and stop is None:
            raise ValueError("this search would never end: give a limit or an event")
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
        """The current results; visits still waiting for an evaluation are excluded."""
        return analyse(self.search, self.game, self.model.roots, self._seconds)

    def evaluate(self) -> Evaluation:
        """The evaluator's output for the position itself, without search, for the player to move."""
        return self.evaluator(self.model.roots)

    def close(self) -> None:
        """Stop the threads; `think` cannot be called afterwards."""
        if self.threads is not None:
            self.threads.shutdown(wait=True, cancel_futures=True)

    def _decided(self, limit: Limit) -> bool:
        """Whether no move can overtake the most visited one within the rest of the limit."""
        done = int(self.search.done[0])
        left = float(_ENDLESS if limit.simulations is None else limit.simulations - done)
        if limit.seconds is not None and self._seconds >= _SOONEST:
            left = min(left, done / self._seconds * (limit.seconds - self._seconds))
        second, first = np.partition(self.search.tree.visits[0, 0], -2)[-2:]
        return bool(first - second > left + self.search.pending)


def _threads(count: int) -> ThreadPoolExecutor:
    """A thread pool in which PyTorch uses one core per thread."""
    keep_freed_memory()
    before = torch.get_num_threads()
    pool = ThreadPoolExecutor(count, "tengen-thinking", torch.set_num_threads, (1,))
    together = threading.Barrier(count)
    for started in [pool.submit(together.wait) for _ in range(count)]:
        started.result()
    torch.set_num_threads(before)  # setting it in one thread also sets it for new threads
    return pool


def make_thinker(name: str, game: Game, runs: Path = Path("runs"), seed: int = 1, most: int = 300_000) -> Thinker:
    """The thinker for a player's name, a network or uct; a limit in it is ignored. UserError for other players."""
    from agents.search.evaluators import Rollouts
    from selfplay.players.catalogue import kind_of
    from selfplay.players.limits import split_limit
    from selfplay.players.network import network
    from selfplay.players.searcher import search_config

    if not kind_of(name).searches:
        raise UserError(f"{name} does not search; name a network or uct")
    player, _ = split_limit(name)
    if player.lower() == "uct":
        config = SearchConfig(c_init=1.0, fpu=0.0, leaves=1, proofs=True, count_kept=False)
        return Thinker(name, game, Rollouts(game, seed), config, seed, most)
    count = cores()
    evaluator = network(player, game, runs, threads=1 if count > 1 else 0, details=True)
    leaves = int(np.clip(_POINTS // np.prod(game.board_shape), 8, 64))
    return Thinker(name, game, evaluator, search_config(game, leaves), seed, most, threads=count)
