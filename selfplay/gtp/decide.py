"""When to pass and when to resign, based on a search, so that games end properly.

Where the board is counted as it stands (Tromp–Taylor, CGOS), passing must not lose, if the opponent also passes,
because of dead stones still on the board. Where dead stones are removed by agreement, a won game need not be played to
the last point; but the opponent may claim that an unsettled group is dead, so a pass must win even without that group.
In a decided game, we do not go on filling our own territory.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from selfplay.gtp.scoring import around, neutral_points, score
from selfplay.gtp.table import Table
from selfplay.thinking import Analysis

_HOPELESS = -0.9  # below this value no move is better than a pass
_AS_GOOD = 0.05  # value a pass may lose once the game is effectively over


Dead = Callable[[int], np.ndarray]  # dead stones [H, W]; given a colour, the worst case for it (scoring.py)


def choose(table: Table, found: Analysis, dead: Dead) -> int:
    """The action to play given the search result `found`; `dead` is called only when needed."""
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
    # Passing would lose if the opponent passed too. Play on if there is anything to play for.
    pointless = ~game.can.sensible(state)[0]
    pointless[passing] = True
    cleaning, agreed = cleaning_moves(table, mover, dead(0)), table.agreement.agreed_dead
    doubted = agreed and mover * score(game, state, dead(0)) > 0  # only an unsettled group could lose it
    if table.just_passed or doubted:  # moves in own territory gain nothing, except to remove stones
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
    """Whether `colour` would win if the game ended here, whichever unsettled groups are claimed dead."""
    off = dead(colour) if table.agreement.agreed_dead else None
    return colour * score(table.game, table.state, off) > 0


def cleaning_moves(table: Table, colour: int, dead: np.ndarray) -> list[int]:
    """Actions that take liberties from the opponent's `dead` [H, W] stones without filling an own eye."""
    game, state = table.game, table.turn(colour)
    assert game.can.sensible is not None
    theirs = dead & (game.stones(state)[0] == -colour)
    good = around(theirs).ravel() & game.can.sensible(state)[0][:-1]
    return [int(a) for a in np.flatnonzero(good)]


def best_of(found: Analysis, actions: list[int]) -> int:
    """The one of `actions` that the search ranks highest; the first one if it visited none."""
    return next((m.action for m in found.moves if m.action in actions), actions[0])


class Resigning:
    """Resigns when a side's value has been hopeless several times in a row."""

    def __init__(self, below: float, times: int = 3) -> None:
        """`below`: a win rate from 0 (never) to 1."""
        self.below, self.times = 2 * below - 1, times
        self.clear()

    def clear(self) -> None:
        self._low = {1: 0, -1: 0}

    def hopeless(self, found: Analysis, moves: int, points: int) -> bool:
        """Whether to resign now, after `moves` moves on a board of `points` points."""
        if found.value >= self.below or self.below <= -1 or moves < points / 4:
            self._low[found.to_play] = 0
            return False
        self._low[found.to_play] += 1
        return self._low[found.to_play] >= self.times
