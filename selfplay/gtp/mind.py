"""The player behind the engine: a search in the game at the table, or a player that only chooses moves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agents.search.evaluators import Network
from agents.search.model import masked_softmax
from envs.go.game import Go
from selfplay.gtp.protocol import Refused
from selfplay.gtp.table import Table
from selfplay.players.catalogue import kind_of, make_player
from selfplay.players.following import Following, Line
from selfplay.players.gtp import Gtp
from selfplay.players.limits import split_limit
from selfplay.players.player import Outsider
from selfplay.thinking import Analysis, Limit, Thinker, make_thinker
from tengen.errors import UserError

_BOARD = np.array([0])  # a single board
_RECENT = 4  # after more moves than this the search starts from scratch


class Raw(NamedTuple):
    """A network's evaluation of a position, without search."""

    policy: np.ndarray  # [A] probabilities over the legal moves
    value: float  # for the player to move
    ownership: np.ndarray | None  # [H * W] 1 is Black
    score: float | None  # Black's points minus White's


class Searching:
    """A player with a search: a network, or uct."""

    def __init__(self, thinker: Thinker, simulations: int | None = None, seconds: float | None = None) -> None:
        """Limits per move: at most `simulations`; at most `seconds`, if the player's name says so."""
        self.name, self.thinker, self.simulations, self.seconds = thinker.name, thinker, simulations, seconds
        self._root: np.ndarray | None = None  # [1] the position being searched

    def think(
        self,
        table: Table,
        colour: int,
        limit: Limit,
        stop: threading.Event | None = None,
        watch: Callable[[Analysis], None] = lambda found: None,
        every: float = 0.5,
    ) -> Analysis:
        """Search the position at the table with `colour` to move."""
        self._follow(table, colour)
        return self.thinker.think(limit, stop, watch, every)

    @property
    def network(self) -> Network | None:
        evaluator = self.thinker.model.evaluator
        return evaluator if isinstance(evaluator, Network) else None

    def _follow(self, table: Table, colour: int) -> None:
        """Keep the subtree below the moves played since, if the game continued from the searched position."""
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
    """A player that chooses moves without analysis."""

    def __init__(self, name: str, game: Go, runs: Path, seed: int) -> None:
        self.player = make_player(name, game, 1, 1, seed, runs)
        self.following = Following(self.player) if isinstance(self.player, Gtp) else None

    def choose(self, table: Table, colour: int) -> int:
        """An action, or RESIGNS. Refused if the player fails."""
        state, player = table.turn(colour), self.player
        try:
            if self.following is not None:
                return self.following.choose(Line(table.moves, colour, table.black_setup, table.white_setup), state)
        except UserError as error:
            raise Refused(str(error)) from error
        player.start(_BOARD, state)
        action = int(player.choose(_BOARD, state)[0])
        if isinstance(player, Outsider) and 0 in player.failed:
            raise Refused(player.failed[0].text)
        return action

    @property
    def network(self) -> Network | None:
        evaluator = getattr(self.player, "evaluator", None)
        return evaluator if isinstance(evaluator, Network) else None

    def close(self) -> None:
        self.player.close()


Mind = Searching | Choosing


def make_mind(name: str, game: Go, runs: Path, seed: int, simulations: int | None) -> Mind:
    """The player `name` for `game`; Refused if it cannot play it, UserError for an unknown name."""
    if not kind_of(name).searches:
        return Choosing(name, game, runs, seed)
    player, limit = split_limit(name)
    counted, timed = (limit, None) if isinstance(limit, int) else (None, limit)
    return Searching(make_thinker(player, game, runs, seed), counted or simulations, timed)


def _moves_since(root: np.ndarray, table: Table, colour: int) -> list[int]:
    """The last few actions if they lead, alternating, from `root` [1] to `colour`'s move; else an empty list."""
    for back in range(1, min(_RECENT, len(table.moves)) + 1):
        path = table.moves[-back:]
        colours = [*(move.colour for move in path), colour]
        if any(one == other for one, other in pairwise(colours)) or table.game.ended(table.positions[-back])[0]:
            return []  # not alternating, or past two passes: the tree cannot be kept
        if _same(root, table.turn(path[0].colour, back)):
            return [move.action for move in path]
    return []


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.dtype == other.dtype and one.tobytes() == other.tobytes()


def raw(game: Go, network: Network, state: np.ndarray) -> Raw:
    """The network's evaluation of `state` [1]."""
    said, mover = network(state), int(game.to_move(state)[0])
    return Raw(
        policy=masked_softmax(said.logits, game.legal(state))[0],
        value=float(said.value[0]),
        ownership=None if said.ownership is None else mover * said.ownership[0],
        score=None if said.score is None else mover * float(said.score[0]),
    )
