"""`tengen bench gtp`: one game thinking alone, beside the network at its best. The 9x9 network of the zoo, all cores.

Rows {what, unit, value, baseline, ratio}:

    one-game     simulations/s of a search in one game (selfplay/thinking.py), each time from an empty tree; baseline:
                 positions/s of the network with the same heads at its best batch size: one batch on all cores, or
                 one a core
    one-leaf     the same search, baseline: simulations/s with one evaluation after the other
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

from agents.search.evaluators import Infer
from envs.go.game import Go
from scripts.bench.atari import row
from selfplay.players.network import network
from selfplay.players.searcher import search_config
from selfplay.thinking import Limit, Thinker, make_thinker
from tengen.device import Compute, cores

_NETWORK, _RUNS = "go9-alphazero", Path("runs")
_OPENING = ("E5", "C4", "G6", "E3", "F3", "C6")


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Measure; `quick` ends within 40 seconds once the kernels are compiled."""
    Compute(threads=cores()).start()
    game = Go(9, "cgos")
    seconds, rounds = (1.0, 3) if quick else (4.0, 7)
    state = game.new(1)
    for vertex in _OPENING:
        game.play(state, np.array([game.parse_action(vertex)]))
    many = make_thinker(_NETWORK, game, _RUNS)
    alone = network(_NETWORK, game, _RUNS, details=True)
    one = Thinker(_NETWORK, game, alone, search_config(game, leaves=1))
    bare = _best_rate(game, state, 0.2 if quick else 0.5)
    rates = [
        lambda: _simulations(many, state, seconds),
        lambda: bare(seconds),
        lambda: _simulations(one, state, seconds),
    ]
    _simulations(many, state, 0.5), _simulations(one, state, 0.5)
    measured = [[rate() for rate in rates] for _ in range(rounds)]
    ours, theirs, single = (list(column) for column in zip(*measured, strict=True))
    yield row("one-game", "simulations/s", ours, theirs)
    yield row("one-leaf", "simulations/s", ours, single)
    many.close()


def _simulations(thinker: Thinker, state: np.ndarray, seconds: float) -> float:
    thinker.at(state)
    found = thinker.think(Limit(seconds=seconds))
    return found.visits / found.seconds


def _best_rate(game: Go, state: np.ndarray, seconds: float) -> Callable[[float], float]:
    """The fastest of several ways to evaluate many positions, as a function of the seconds to measure it for."""
    planes = game.encode(np.repeat(state, 512))
    whole = network(_NETWORK, game, _RUNS, details=True).infer
    ways = [_together(whole, planes[:n]) for n in (64, 128, 256, 512)]
    if cores() > 1:
        apart = network(_NETWORK, game, _RUNS, threads=1, details=True).infer
        ways += [_apart(apart, planes[:n]) for n in (32, 64, 128)]
    for way in ways:
        way(0.1)
    return max((way(seconds), i, way) for i, way in enumerate(ways))[2]


def _together(infer: Infer, planes: np.ndarray) -> Callable[[float], float]:
    """One batch after the other, each on all cores."""

    def rate(seconds: float) -> float:
        begun, done = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            infer(planes)
            done += len(planes)
        return done / (time.perf_counter() - begun)

    return rate


def _apart(infer: Infer, planes: np.ndarray) -> Callable[[float], float]:
    """A batch on each core."""
    one = _together(infer, planes)

    def rate(seconds: float) -> float:
        threads = torch.get_num_threads()
        try:
            with ThreadPoolExecutor(cores(), initializer=torch.set_num_threads, initargs=(1,)) as pool:
                return sum(pool.map(one, [seconds] * cores()))
        finally:
            torch.set_num_threads(threads)

    return rate
