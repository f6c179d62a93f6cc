"""The thread that thinks for a sitting: its moves, the position on the board, the review of a game."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np

from envs.boards.game import Game
from selfplay.board.players import analyst, searches
from selfplay.board.sitting import Job, Sitting
from selfplay.board.tree import Node
from selfplay.players.catalogue import make_player
from selfplay.players.player import Player
from selfplay.thinking import Thinker, make_thinker
from tengen.errors import UserError, first_line

_IDLE = 600.0  # seconds
_TREE_NUMBERS = 4_000_000  # simulations times actions: about 100 MB of tree


class Minds(NamedTuple):
    """What is needed to make minds."""

    player: str  # a name of selfplay/players/catalogue.py
    task: str  # the board it was asked to play on
    runs: Path
    seed: int = 1

    def thinker(self, game: Game) -> Thinker:
        """The search that plays, or where the player does not search, analyses. UserError if it does not fit."""
        most = max(400, min(20_000, _TREE_NUMBERS // game.num_actions))
        asked = game.name == self.task and searches(self.player)
        name = self.player if asked else analyst(self.player, game.name, self.runs)
        return make_thinker(name, game, self.runs, self.seed, most)

    def mover(self, game: Game) -> Player | None:
        """The player that moves without saying what it thinks; None where the thinker moves."""
        return None if searches(self.player) else make_player(self.player, game, 1, 1, self.seed, self.runs)


class Mind(threading.Thread):
    """Does one job after the other until the sitting is closed. `thinker`: one that is ready for the first game."""

    def __init__(self, sitting: Sitting, minds: Minds, thinker: Thinker | None = None) -> None:
        super().__init__(name=f"mind of {sitting.number}", daemon=True)
        self.sitting, self.minds, self.thinker = sitting, minds, thinker
        self.player: Player | None = None
        self.at: Node | None = None  # where the thinker is
        self.told: list[int] | None = None  # the moves that the player knows of

    def run(self) -> None:
        while not self.sitting.closed:
            job = self.sitting.next_job(_IDLE)
            if job is None:
                self._leave()
                continue
            try:
                self._do(job)
            except UserError as error:
                self.at = self.told = None
                self.sitting.failed(job, str(error))
            except Exception as error:  # a player that breaks does not take the board with it
                logging.getLogger("tengen").exception("the other side failed")
                self.at = self.told = None
                self.sitting.failed(job, first_line(error))
        self._leave()

    def _do(self, job: Job) -> None:
        game = self.sitting.tree.game
        if job.kind == "move" and not searches(self.minds.player):
            self.sitting.done(job, None, self._answer(game, job))
            return
        thinker = self._thinker(game)
        if self.at is not None and job.node.parent is self.at and job.node.action is not None and not job.node.setup:
            thinker.played(job.node.action)
        elif self.at is not job.node:
            thinker.at(job.state)
        self.at = job.node
        self.sitting.done(job, thinker.think(job.limit, job.stop, lambda found: self.sitting.found(job, found), 0.25))

    def _thinker(self, game: Game) -> Thinker:
        if self.thinker is None or self.thinker.game is not game:
            if self.thinker is not None:
                self.thinker.close()
            self.thinker, self.at = self.minds.thinker(game), None
        return self.thinker

    def _answer(self, game: Game, job: Job) -> int:
        if self.player is None or self.told is None or getattr(self.player, "game", game) is not game:
            if self.player is not None:
                self.player.close()
            self.player, self.told = self.minds.mover(game), None
        assert self.player is not None
        here = np.array([0])
        path = job.node.path()
        moves = [node.action for node in path if node.action is not None]
        if self.told is None or moves[: len(self.told)] != self.told:
            begin = next(node for node in path if node.action is not None or node is job.node)
            start = self.sitting.tree.state(begin.parent if begin.parent and begin.action is not None else begin)
            self.player.start(here, start.copy())
            self.told = []
        for action in moves[len(self.told) :]:
            self.player.played(here, np.array([action]))
        self.told = moves
        return int(self.player.choose(here, job.state.copy())[0])

    def _leave(self) -> None:
        """Give back memory, threads and programs; what is needed again is made again."""
        for one in (self.thinker, self.player):
            if one is not None:
                one.close()
        self.thinker = self.player = self.at = self.told = None
