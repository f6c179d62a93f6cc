"""State shared by the engine's commands: the table, the clocks, the player and its limits."""

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

_USUAL = 5.0  # seconds per move if no limit is given
_LEAST = 0.001


@dataclass(frozen=True)
class Settings:
    """How the engine plays, and its name."""

    player: str
    size: int  # of the initial board
    agreement: Agreement
    runs: Path = Path("runs")
    simulations: int | None = None  # per move, if the player's name sets none
    seconds: float | None = None  # per move, without a clock
    ponder: bool = False
    resign: float = 0.05  # resigns below this win rate, 0: never
    lag: float = 0.3  # seconds a move may take to reach the client
    seed: int = 1
    name: str | None = None
    version: str | None = None


class Desk:
    """The engine's state between commands."""

    def __init__(self, settings: Settings, inbox: Inbox) -> None:
        self.settings, self.inbox = settings, inbox
        self.table = Table(settings.size, settings.agreement)
        self.clocks = Clocks(TimeSystem(), settings.lag)
        self.resigning = Resigning(settings.resign)
        self.random = np.random.default_rng(settings.seed)
        self.quitting = False
        self.began = 0.0  # when the current command started
        self.answer: Answer  # to the current command
        self.plays = False  # whether it has moved in this game; only then does it ponder
        self._mind: tuple[Rules, int, Mind] | None = None  # and the rules and size it was made for
        self._owners: tuple[bytes, np.ndarray] | None = None  # for a position

    # --- the player ---------------------------------------------------------------------------------

    @property
    def mind(self) -> Mind:
        """The player for the game at the table, created on first use. Refused if it cannot play that game."""
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
        """The player as a search. Refused if it does not search."""
        if isinstance(self.mind, Searching):
            return self.mind
        raise Refused(f"{self.settings.player} does not search; use a network or uct")

    def close(self) -> None:
        """Close the player, and its program if it is one."""
        if self._mind is not None:
            self._mind[2].close()
            self._mind = None

    # --- time ---------------------------------------------------------------------------------------

    def limit(self, colour: int) -> Limit:
        """The limit for the next move of `colour`: its share of the clock, or the settings."""
        simulations, seconds = self.searching.simulations, self.searching.seconds or self.settings.seconds
        share = self.clocks.budget(colour, moves_to_come(self.table.size, len(self.table.moves)))
        seconds = seconds if share is None else min(share, seconds or share)
        if seconds is None and simulations is None:
            seconds = _USUAL
        gone = time.perf_counter() - self.began
        return Limit(simulations, None if seconds is None else max(_LEAST, seconds - gone), early=True)

    # --- life and death -----------------------------------------------------------------------------

    def dead(self, cautious: int = 0) -> np.ndarray:
        """[H, W] bool: the stones at the table that are dead, by the player's estimate.

        With `cautious`, a colour: the worst case for that side (scoring.py).
        """
        game, state = self.table.game, self.table.state.copy()
        resume(state)
        key = state.tobytes()
        if self._owners is None or self._owners[0] != key:
            try:
                network = self.mind.network
            except Refused:  # it cannot play this board; rollouts still estimate the stones
                network = None
            self._owners = key, expected_owners(game, state, network, self.random)
        return dead_stones(game, state, self._owners[1], cautious)
