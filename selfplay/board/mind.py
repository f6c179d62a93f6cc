"""The search thread of a sitting: moves, analysis of the position on the board, review of a game."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np

from envs.boards.game import Game
from selfplay.board.players import analyst, credit, searches
from selfplay.board.sitting import Job, Sitting
from selfplay.board.tree import GameTree, Node, Setup
from selfplay.players.catalogue import make_player
from selfplay.players.following import Following, Line
from selfplay.players.gtp import Gtp
from selfplay.players.player import RESIGNS, Outsider, Player
from selfplay.thinking import Thinker, make_thinker
from tengen.errors import UserError, first_line

_IDLE = 600.0  # seconds
_HERE = np.array([0])  # a player's only board
_TREE_NUMBERS = 4_000_000  # simulations times actions: about 100 MB of tree


class Minds(NamedTuple):
    """Settings from which minds make their players."""

    player: str  # a name of selfplay/players/catalogue.py
    task: str  # the board requested with the player
    runs: Path
    seed: int = 1

    def thinker(self, game: Game) -> Thinker:
        """The search that plays, or, if the player does not search, only analyses. UserError if it does not fit."""
        most = max(400, min(20_000, _TREE_NUMBERS // game.num_actions))
        return make_thinker(self.judge(game), game, self.runs, self.seed, most)

    def judge(self, game: Game) -> str:
        """The name of the player whose search gives the numbers."""
        asked = game.name == self.task and searches(self.player)
        return self.player if asked else analyst(self.player, game.name, self.runs)

    def credit(self, game: Game) -> str:
        """Whose search gives the numbers, in words."""
        return credit(self.judge(game), game.name, self.runs)

    def mover(self, game: Game) -> Player | None:
        """The player that moves without analysis; None if the thinker moves."""
        return None if searches(self.player) else make_player(self.player, game, 1, 1, self.seed, self.runs)


class Mind(threading.Thread):
    """Works on one job after another until the sitting is closed. `thinker`: one ready for the first game."""

    def __init__(self, sitting: Sitting, minds: Minds, thinker: Thinker | None = None) -> None:
        super().__init__(name=f"mind of {sitting.number}", daemon=True)
        self.sitting, self.minds, self.thinker = sitting, minds, thinker
        self.player: Player | None = None
        self.at: Node | None = None  # the thinker's current node
        self.following: Following | None = None  # the player, if it is a program

    def run(self) -> None:
        while not self.sitting.closed:
            job = self.sitting.next_job(_IDLE)
            if job is None:
                self._leave()
                continue
            try:
                self._do(job)
            except UserError as error:
                self.at = None
                self.sitting.failed(job, str(error))
            except Exception as error:  # a failing player must not take the board down
                logging.getLogger("tengen").exception("the player failed")
                self.at = None
                self.sitting.failed(job, first_line(error))
        self._leave()

    def _do(self, job: Job) -> None:
        game = self.sitting.tree.game
        if job.kind == "move" and not searches(self.minds.player):
            self.sitting.done(job, None, self._answer(self.sitting.tree, job))
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

    def _answer(self, tree: GameTree, job: Job) -> int:
        path = job.node.path()
        if path[0] is not tree.root:
            return RESIGNS  # another game has begun: nobody wants this move any more
        if self.player is None or getattr(self.player, "game", tree.game) is not tree.game:
            if self.player is not None:
                self.player.close()
            self.player = self.minds.mover(tree.game)
            assert self.player is not None
            self.following = Following(self.player) if isinstance(self.player, Gtp) else None
        state = job.state.copy()
        if self.following is not None:
            return self.following.choose(_line(self.player.name, tree, path, tree.to_move(state)), state)
        self.player.start(_HERE, state)
        action = int(self.player.choose(_HERE, state)[0])
        if isinstance(self.player, Outsider) and 0 in self.player.failed:
            raise UserError(self.player.failed[0].text)
        return action

    def _leave(self) -> None:
        """Release memory, threads and programs; they are recreated when needed."""
        for one in (self.thinker, self.player):
            if one is not None:
                one.close()
        self.thinker = self.player = self.following = self.at = None


def _line(program: str, tree: GameTree, path: list[Node], to_move: int) -> Line:
    """The game that `path` leads through. UserError if stones are set up on the way."""
    if any(node.setup for node in path[1:]):
        raise UserError(f"{program} does not follow games in which stones are set up between moves")
    moves = [(node.colour or 0, node.action) for node in path if node.action is not None]
    setup = path[0].setup or Setup()
    return Line(moves, to_move, setup.black, setup.white, tree.komi)
