"""When to pass and when to resign, given the results of a search.

Where the board counts as it stands (Tromp–Taylor, CGOS), a pass that the opponent answers by passing must not lose for
dead stones left on the board. Where dead stones are removed by agreement, a won game need not be played to its last
point; but the opponent may call an unsettled group dead, so a pass must win without that group too. And the engine
does not keep filling its own territory in a decided game.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from selfplay.gtp.scoring import around, neutral_points, score
from selfplay.gtp.table import Table
from selfplay.thinking import Analysis

_HOPELESS = -0.9  # a value at which a move other than the pass is not worth making
_AS_GOOD = 0.05  # how much value a pass may lose in a game that is over but for it


Dead = Callable[[int], np.ndarray]  # the dead stones [H, W]; given a colour, as this side has to fear (scoring.py)


def choose(table: Table, found: Analysis, dead: Dead) -> int:
    """The action to play after a search that found `found`; `dead` is asked for where it matters."""
    game, state, mover = table.game, table.turn(found.to_play), found.to_play
    passing = game.can.passing
    assert passing is not None and game.can.sensible is not None
    early = int((game.stones(state) != 0).sum()) < table.size**2 / 3
    if early and found.best != passing and not table.just_passed:
        return found.best
    if wins_if_both_pass(table, mover, dead):
        if table.just_passed or (game.decided(state)[0] == mover and not table.agreement.agreed_dead):
            return passing
        value = next((m.value for m in found.moves if m.action == passing), -1.0)
        if value >= found.value - _AS_GOOD and not neutral_points(game, state, dead(0)).any():
            return passing
        return found.best
    if found.best != passing and not table.just_passed:
        return found.best
    # Passing would lose if the opponent passed too. Play on, where there is anything to play for.
    pointless = ~game.can.sensible(state)[0]
    pointless[passing] = True
    cleaning, agreed = cleaning_moves(table, mover, dead(0)), table.agreement.agreed_dead
    doubted = agreed and mover * score(game, state, dead(0)) > 0  # only a group whose life is not sure could lose it
    if table.just_passed or doubted:  # in own territory there is nothing to gain, but for stones to take off
        feared = dead(mover if agreed else 0)
        pointless[:-1] |= game.count(state, feared.reshape(1, -1)).owner[0].ravel() == mover
        pointless[cleaning] = agreed
    other = next((m for m in found.moves if not pointless[m.action]), None)
    if other is not None and other.value > _HOPELESS:
        return other.action
    if len(cleaning) and not agreed and mover * score(game, state, dead(0)) > 0:
        return best_of(found, cleaning)
    return passing


def wins_if_both_pass(table: Table, colour: int, dead: Dead) -> bool:
    """Whether `colour` would win by the count, were the game to end here, whichever groups are called dead."""
    off = dead(colour) if table.agreement.agreed_dead else None
    return colour * score(table.game, table.state, off) > 0


def cleaning_moves(table: Table, colour: int, dead: np.ndarray) -> list[int]:
    """Actions that take liberties from the other side's `dead` [H, W] stones, without filling an own eye."""
    game, state = table.game, table.turn(colour)
    assert game.can.sensible is not None
    theirs = dead & (game.stones(state)[0] == -colour)
    good = around(theirs).ravel() & game.can.sensible(state)[0][:-1]
    return [int(a) for a in np.flatnonzero(good)]


def best_of(found: Analysis, actions: list[int]) -> int:
    """That of `actions` which the search likes best; the first of them where it looked at none."""
    return next((m.action for m in found.moves if m.action in actions), actions[0])


class Resigning:
    """Gives up when a side's value has been hopeless several times running."""

    def __init__(self, below: float, times: int = 3) -> None:
        """`below`: a win rate from 0 (never) to 1."""
        self.below, self.times = 2 * below - 1, times
        self.clear()

    def clear(self) -> None:
        self._low = {1: 0, -1: 0}

    def hopeless(self, found: Analysis, moves: int, points: int) -> bool:
        """Whether to resign now, after `moves` moves on a board of so many points."""
        if found.value >= self.below or self.below <= -1 or moves < points / 4:
            self._low[found.to_play] = 0
            return False
        self._low[found.to_play] += 1
        return self._low[found.to_play] >= self.times
