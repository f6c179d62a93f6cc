"""State shared by the engine's commands: the table, the clocks, the player, and how to ask it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from envs.go.rules import Rules
from envs.go.sitting import resume
from selfplay.gtp.clock import Clocks, TimeSystem, moves_to_come
from selfplay.gtp.decide import Resigning
from selfplay.gtp.inbox import Inbox
from selfplay.gtp.mind import Choosing, Mind, Searching, make_mind
from selfplay.gtp.owners import expected_owners
from selfplay.gtp.protocol import Answer, Refused
from selfplay.gtp.rules import Agreement
from selfplay.gtp.scoring import dead_stones
from selfplay.gtp.table import Table
from selfplay.thinking import Limit
from tengen.errors import UserError, first_line

_USUAL = 5.0  # seconds a move, where nothing says how long
_LEAST = 0.001


@dataclass(frozen=True)
class Settings:
    """How the engine plays and what it calls itself."""

    player: str
    size: int  # of the first board
    agreement: Agreement
    runs: Path = Path("runs")
    simulations: int | None = None  # a move, where the player's name says none
    seconds: float | None = None  # a move, without a clock
    ponder: bool = False
    resign: float = 0.05  # gives up below this win rate, 0 never
    lag: float = 0.3  # seconds that a move may take to the client
    seed: int = 1
    name: str | None = None
    version: str | None = None


class Desk:
    """The engine's state between two commands."""

    def __init__(self, settings: Settings, inbox: Inbox) -> None:
        self.settings, self.inbox = settings, inbox
        self.table = Table(settings.size, settings.agreement)
        self.clocks = Clocks(TimeSystem(), settings.lag)
        self.resigning = Resigning(settings.resign)
        self.random = np.random.default_rng(settings.seed)
        self.quitting = False
        self.began = 0.0  # when the command that is being answered was taken up
        self.answer: Answer  # to it
        self.plays = False  # whether it has moved in this game, so that pondering makes sense
        self._mind: tuple[Rules, int, Mind] | None = None  # and what it was made for
        self._owners: tuple[bytes, np.ndarray] | None = None  # of a position

    # --- the player ---------------------------------------------------------------------------------

    @property
    def mind(self) -> Mind:
        """The player in the game at the table, made when it is first needed. Refused where it cannot play that."""
        game = self.table.game
        if self._mind is not None:
            rules, size, mind = self._mind
            now = game.rules if isinstance(mind, Choosing) else replace(game.rules, komi=rules.komi)
            if (rules, size) == (now, game.size):
                return mind
            self.close()
        s = self.settings
        try:
            mind = make_mind(s.player, game, s.runs, s.seed, s.simulations)
        except UserError as error:
            raise Refused(first_line(error)) from error
        self._mind = (game.rules, game.size, mind)
        return mind

    @property
    def searching(self) -> Searching:
        """Refused for a player that does not search."""
        if isinstance(self.mind, Searching):
            return self.mind
        raise Refused(f"{self.settings.player} does not search: a network or uct does")

    def close(self) -> None:
        """End the player, and the program that it may be."""
        if self._mind is not None:
            self._mind[2].close()
            self._mind = None

    # --- time ---------------------------------------------------------------------------------------

    def limit(self, colour: int) -> Limit:
        """For the next move of `colour`: the clock's share, or what the settings say."""
        s, simulations = self.settings, self.searching.simulations
        share = self.clocks.budget(colour, moves_to_come(self.table.size, len(self.table.moves)))
        seconds = s.seconds if share is None else min(share, s.seconds or share)
        if seconds is None and simulations is None:
            seconds = _USUAL
        gone = time.perf_counter() - self.began
        return Limit(simulations, None if seconds is None else max(_LEAST, seconds - gone), early=True)

    # --- life and death -----------------------------------------------------------------------------

    def dead(self, cautious: int = 0) -> np.ndarray:
        """[H, W] bool: the stones that are dead in the position at the table, as far as the player knows.

        With `cautious`, a colour, the worst that this side has to reckon with (scoring.py).
        """
        game, state = self.table.game, self.table.state.copy()
        resume(state)
        key = state.tobytes()
        if self._owners is None or self._owners[0] != key:
            try:
                network = self.mind.network
            except Refused:  # the player does not know this board; its stones can be looked at all the same
                network = None
            self._owners = key, expected_owners(game, state, network, self.random)
        return dead_stones(game, state, self._owners[1], cautious)
