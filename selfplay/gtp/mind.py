"""The player behind the engine: a search in the current game, or a player that only chooses moves."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agents.search.evaluators import Network
from agents.search.model import masked_softmax
from envs.boards.game import BLACK
from envs.go.game import Go
from envs.go.sgf import Move
from selfplay.gtp.protocol import Refused
from selfplay.gtp.table import Table
from selfplay.players.catalogue import kind_of, make_player
from selfplay.players.named import simulations_of
from selfplay.players.player import RESIGNS, Outsider
from selfplay.thinking import Analysis, Limit, Thinker, make_thinker

_BOARD = np.array([0])  # the only one
_RECENT = 4  # moves after which a search is begun anew


class Raw(NamedTuple):
    """A network's own view of a position, without search."""

    policy: np.ndarray  # [A] probabilities over the legal moves
    value: float  # as the player to move sees it
    ownership: np.ndarray | None  # [H * W] 1 Black's
    score: float | None  # Black's points less White's


class Searching:
    """A player with a search: a network, or uct."""

    def __init__(self, thinker: Thinker, simulations: int | None) -> None:
        self.name, self.thinker, self.simulations = thinker.name, thinker, simulations
        self._root: np.ndarray | None = None  # [1] what is thought about

    def think(
        self,
        table: Table,
        colour: int,
        limit: Limit,
        stop: threading.Event | None = None,
        watch: Callable[[Analysis], None] = lambda found: None,
        every: float = 0.5,
    ) -> Analysis:
        """About the position at the table with `colour` to move."""
        self._follow(table, colour)
        return self.thinker.think(limit, stop, watch, every)

    @property
    def network(self) -> Network | None:
        evaluator = self.thinker.model.evaluator
        return evaluator if isinstance(evaluator, Network) else None

    def _follow(self, table: Table, colour: int) -> None:
        """Keep what was found below the moves that were played since, if play went on from there."""
        wanted, root = table.turn(colour), self._root
        if root is not None and not _same(root, wanted):
            for action in _moves_since(root, table, colour):
                self.thinker.played(action)
                table.game.play(root, np.array([action]))
        if root is None or not _same(root, wanted):
            self.thinker.at(wanted)
            self._root = wanted

    def close(self) -> None:
        self.thinker.close()


class Choosing:
    """A player that only chooses moves."""

    def __init__(self, name: str, game: Go, runs: Path, seed: int) -> None:
        self.name, self.game = name, game
        self.player = make_player(name, game, 1, 1, seed, runs)
        self._told: list[Move] | None = None  # by an outsider: what his board shows
        self._own = False  # whether the last of these is his own, and not confirmed yet

    def choose(self, table: Table, colour: int) -> int:
        """An action, or RESIGNS."""
        state = table.turn(colour)
        if not isinstance(self.player, Outsider):
            self.player.start(_BOARD, state)
            return int(self.player.choose(_BOARD, state)[0])
        self._tell(table, colour)
        action = int(self.player.choose(_BOARD, state)[0])
        if 0 in self.player.failed:
            self._told = None
            raise Refused(f"{self.name} failed: {self.player.failed[0]}")
        if self._told is not None and action != RESIGNS:
            self._told.append(Move(colour, action))
            self._own = True
        return action

    @property
    def network(self) -> Network | None:
        evaluator = getattr(self.player, "evaluator", None)
        return evaluator if isinstance(evaluator, Network) else None

    def _tell(self, table: Table, colour: int) -> None:
        """Show an outsider, who keeps a board of his own, what is at the table."""
        moves = list(table.moves)
        colours = [*(move.colour for move in moves), colour]
        if table.black_setup or table.white_setup or any(c != (-1) ** i * BLACK for i, c in enumerate(colours)):
            raise Refused(f"{self.name} follows games from the empty board with moves in turn only")
        told = self._told
        if told is None or moves[: len(told)] != told:
            self.player.start(_BOARD, self.game.new(1))
            told, self._own = [], False
        for move in moves[len(told) - self._own :]:
            self.player.played(_BOARD, np.array([move.action]))
        self._told, self._own = moves, False

    def close(self) -> None:
        self.player.close()


Mind = Searching | Choosing


def make_mind(name: str, game: Go, runs: Path, seed: int, simulations: int | None) -> Mind:
    """The player `name` in `game`; Refused if it cannot play that, UserError for a name that means nothing."""
    kind, _, rest = name.partition(":")
    if not kind_of(name).searches:
        return Choosing(name, game, runs, seed)
    last = name.rpartition(":")[2].strip()
    counted = bool(rest) and (kind.strip().lower() == "uct" or re.fullmatch(r"[+-]?\d+", last) is not None)
    given = simulations_of(last, name) if counted else None
    thinker = make_thinker(name, game, runs, seed)
    return Searching(thinker, given or simulations)


def _moves_since(root: np.ndarray, table: Table, colour: int) -> list[int]:
    """The last few actions at the table if they lead, in turn, from `root` [1] to `colour`'s move; else nothing."""
    for back in range(1, min(_RECENT, len(table.moves)) + 1):
        path = table.moves[-back:]
        colours = [*(move.colour for move in path), colour]
        if any(one == other for one, other in pairwise(colours)) or table.game.ended(table.positions[-back])[0]:
            return []  # not in turn, or beyond two passes: a search does not go on there
        if _same(root, table.turn(path[0].colour, back)):
            return [move.action for move in path]
    return []


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.dtype == other.dtype and one.tobytes() == other.tobytes()


def raw(game: Go, network: Network, state: np.ndarray) -> Raw:
    """What `network` says of `state` [1]."""
    said, mover = network(state), int(game.to_move(state)[0])
    return Raw(
        policy=masked_softmax(said.logits, game.legal(state))[0],
        value=float(said.value[0]),
        ownership=None if said.ownership is None else mover * said.ownership[0],
        score=None if said.score is None else mover * float(said.score[0]),
    )
