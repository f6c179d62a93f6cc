"""Generates the player's move at the table by search or policy, or decides to pass or resign."""

from __future__ import annotations

import time
from collections.abc import Callable

from selfplay.gtp import decide
from selfplay.gtp.desk import Desk
from selfplay.gtp.mind import Choosing
from selfplay.gtp.protocol import Refused
from selfplay.players.player import RESIGNS
from selfplay.thinking import Analysis
from tengen.plural import counted


def silent(found: Analysis) -> None:
    """Ignore search progress."""


def find_move(
    desk: Desk, colour: int, resigns: bool = True, watch: Callable[[Analysis], None] = silent, every: float = 0.5
) -> int:
    """An action for `colour`, or RESIGNS. `watch` gets the analysis `every` so many seconds and at the end."""
    table, mind = desk.table, desk.mind
    check_goes_on(desk, colour)
    if isinstance(mind, Choosing):
        if table.just_passed and decide.wins_if_both_pass(table, colour, desk.dead):
            return _pass(desk)
        return mind.choose(table, colour)
    found = mind.think(table, colour, desk.limit(colour), desk.inbox.interrupt, watch, every)
    watch(found)
    if resigns and desk.resigning.hopeless(found, len(table.moves), table.size**2):
        return RESIGNS
    return decide.choose(table, found, desk.dead)


def play_move(desk: Desk, colour: int, action: int) -> str:
    """Play the move at the table, charge its time, and return its name."""
    desk.plays = True
    if action != RESIGNS:
        desk.table.play(colour, action)
    desk.clocks.spent(colour, time.perf_counter() - desk.began)
    return name_of(desk, action)


def name_of(desk: Desk, action: int) -> str:
    return "resign" if action == RESIGNS else desk.table.game.action_name(action)


def clean_up(desk: Desk, colour: int) -> int:
    """An action that removes dead stones; a pass if the opponent has none left."""
    check_goes_on(desk, colour)
    cleaning = decide.cleaning_moves(desk.table, colour, desk.dead())
    if not cleaning:
        return _pass(desk)
    if isinstance(desk.mind, Choosing):
        return cleaning[0]
    found = desk.mind.think(desk.table, colour, desk.limit(colour), desk.inbox.interrupt)
    return decide.best_of(found, cleaning)


def check_goes_on(desk: Desk, colour: int) -> None:
    """Refused if the game has reached its move limit."""
    if desk.table.game.ended(desk.table.turn(colour))[0]:
        raise Refused(f"the game has {counted(len(desk.table.moves), 'moves')}, and no more are allowed")


def _pass(desk: Desk) -> int:
    passing = desk.table.game.can.passing
    assert passing is not None
    return passing
