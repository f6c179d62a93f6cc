"""One game, thought about: until so many simulations, so many seconds, or until told to stop.

    thinker = make_thinker("go9-alphazero", game, runs=Path("runs"))
    thinker.at(state)                                      # [1] a state of the game
    found = thinker.think(Limit(seconds=5.0))              # Analysis: visits, values and lines, the best move first
    thinker.played(found.best)                             # what lies below that move is kept

For many games at once there is selfplay/players/searcher.py. A thinker belongs to one thread at a time; `stop` is an
event that another thread sets.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agents.search.arrays import OPEN, PROVEN
from agents.search.evaluators import Evaluator
from agents.search.model import GameModel
from agents.search.search import Search, SearchConfig
from envs.boards.game import Game
from tengen.errors import UserError

_ROOT = np.array([0])


class Limit(NamedTuple):
    """When to stop thinking: whichever comes first. None for both: when told to, or when the tree is full."""

    simulations: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class MoveAnalysis:
    """A move at the root, as the player to move sees it."""

    action: int
    visits: int
    value: float  # mean in [-1, 1]
    prior: float
    lcb: float  # lower bound of the value's 95 % interval, -1 where nothing was visited
    line: tuple[int, ...]  # principal variation, this move first


@dataclass(frozen=True)
class Analysis:
    """What a search has found so far."""

    to_play: int  # BLACK or WHITE
    visits: int
    value: float  # of the root in [-1, 1], as the player to move sees it
    raw_value: float  # the network's own
    moves: tuple[MoveAnalysis, ...]  # every visited move, the best first; those without visits are left out
    best: int  # action
    seconds: float
    ownership: np.ndarray | None = None  # [H * W] float32 in [-1, 1], 1 Black's; None where the network has none
    score: float | None = None  # expected, Black's points less White's and komi; None likewise


class Thinker:
    """A search in one game."""

    def __init__(
        self, name: str, game: Game, evaluator: Evaluator, config: SearchConfig, seed: int = 1, most: int = 20_000
    ) -> None:
        """`most` simulations for one move."""
        self.name, self.game, self.most = name, game, most
        self.model = GameModel(game, evaluator, game.new(1))
        self.search = Search(self.model, 1, most, config, [seed])
        self._seconds = 0.0

    def at(self, state: np.ndarray) -> None:
        """Forget what was found, and think about `state` [1] from now on."""
        self.model.roots[:] = state
        self.search.forget(_ROOT)

    def played(self, action: int) -> None:
        """The game goes on with `action`: what lies below it is kept."""
        self.search.play(_ROOT, np.array([action]))
        self.game.play(self.model.roots, np.array([action]))

    def think(
        self,
        limit: Limit,
        stop: threading.Event | None = None,
        watch: Callable[[Analysis], None] = lambda found: None,
        every: float = 0.5,
    ) -> Analysis:
        """Search until `limit` or `stop`; `watch` is told what was found so far `every` so many seconds."""
        if self.game.ended(self.model.roots)[0]:
            raise UserError("the game is over: there is no move to think about")
        begun = told = time.perf_counter()
        self.search.begin(_ROOT, min(limit.simulations or self.most, self.most), noisy=False)
        while len(self.search.finished(_ROOT)) == 0:
            self.search.round(_ROOT)
            now = time.perf_counter()
            self._seconds = now - begun
            if (limit.seconds is not None and now - begun >= limit.seconds) or (stop is not None and stop.is_set()):
                break
            if now - told >= every:
                told = now
                watch(self.analysis())
        self._seconds = time.perf_counter() - begun
        return self.analysis()

    def analysis(self) -> Analysis:
        """What has been found so far."""
        t, found = self.search.tree, self.search.result(_ROOT)
        visits = found.visits[0]
        best = int(found.best[0])
        order = sorted(np.flatnonzero(visits), key=lambda a: (a != best, -visits[a], -t.prior[0, 0, a]))
        to_play = int(self.game.to_move(self.model.roots)[0])
        moves = tuple(self._move(int(a)) for a in order)
        return Analysis(
            to_play, int(visits.sum()), float(found.value[0]), float(found.raw_value[0]), moves, best, self._seconds
        )

    def close(self) -> None: ...

    def _move(self, action: int) -> MoveAnalysis:
        t = self.search.tree
        n, child = int(t.visits[0, 0, action]), int(t.child[0, 0, action])
        mean = float(t.total[0, 0, action]) / n
        if t.status[0, child] == PROVEN:
            mean = lcb = float(t.value[0, child]) * (1 if t.to_play[0, child] == t.to_play[0, 0] else -1)
        else:
            variance = max(0.0, float(t.square[0, child]) / n - mean * mean)
            lcb = mean - 1.96 * math.sqrt((variance + 0.16 / n) / n)
        return MoveAnalysis(action, n, mean, float(t.prior[0, 0, action]), max(-1.0, lcb), self._line(action))

    def _line(self, action: int, longest: int = 20) -> tuple[int, ...]:
        t = self.search.tree
        line, node = [action], int(t.child[0, 0, action])
        while len(line) < longest and t.status[0, node] == OPEN and t.visits[0, node].any():
            line.append(int(t.visits[0, node].argmax()))
            node = int(t.child[0, node, line[-1]])
        return tuple(line)


def make_thinker(name: str, game: Game, runs: Path = Path("runs"), seed: int = 1, most: int = 20_000) -> Thinker:
    """The thinker that a player's name stands for: a network (NAME, NAME:400), or uct. UserError for other players."""
    from agents.search.evaluators import Rollouts
    from selfplay.players.network import network
    from selfplay.players.searcher import search_config

    kind, _, rest = name.partition(":")
    if kind in ("random", "policy", "gtp"):
        raise UserError(f"{name} does not search: a network or uct does")
    if kind == "uct":
        config = SearchConfig(c_init=1.0, fpu=0.0, leaves=1, proofs=True, count_kept=False)
        return Thinker(name, game, Rollouts(game, seed), config, seed, most)
    net = kind if rest.isdigit() else name
    return Thinker(name, game, network(net, game, runs), search_config(game, leaves=8), seed, most)
