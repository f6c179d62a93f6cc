"""Time controls, and a clock that counts a player's time down.

30m          half an hour for the whole game
5m+10s       five minutes, then ten seconds for each move
5m+3x10s     five minutes, then byo-yomi: three periods of ten seconds; a move within one costs nothing
5m+60s/15    five minutes, then Canadian: fifteen moves in each minute
0+5s         five seconds for each move from the start
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tengen.errors import UserError

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
_AMOUNT = r"(\d+(?:\.\d+)?)(s|m|h|)"
_PATTERN = re.compile(rf"{_AMOUNT}(?:\+(?:(\d+)x)?{_AMOUNT}(?:/(\d+))?)?")
_LAG = 0.1  # seconds per move that our own players reserve for overhead
_MOVES_AHEAD = 30  # the main time is budgeted over this many moves


@dataclass(frozen=True)
class TimeControl:
    """Main time, then periods of extra time, in seconds."""

    main: float
    period: float = 0.0  # 0: none, the game is lost when the main time runs out
    stones: int = 1  # moves to be made in a period
    periods: int = 1  # 1 where a period covers several moves

    @property
    def settings(self) -> str:
        """GTP's command, in whole seconds; several periods become one, since GTP 2 has no way to state more."""
        stones = self.stones if self.period >= 1 else 0
        return f"time_settings {int(self.main)} {int(self.period)} {stones}"

    @property
    def kgs_settings(self) -> str | None:
        """KGS's command for byo-yomi with several periods; None where GTP's own command suffices."""
        if self.periods == 1 or self.period < 1:
            return None
        return f"kgs-time_settings byoyomi {int(self.main)} {int(self.period)} {self.periods}"

    @property
    def tellable(self) -> bool:
        """Whether GTP, which knows whole seconds only, can state any of it."""
        return max(self.main, self.period) >= 1


def time_control(text: str) -> TimeControl:
    """Parse a time control; UserError if `text` is not one."""
    found = _PATTERN.fullmatch(text.strip().lower())
    if found is None:
        raise UserError(f"--time {text}: for example 30m, 5m+10s, 5m+3x10s (byo-yomi), 5m+60s/15 (Canadian), 0+5s")
    main, unit, periods, period, period_unit, stones = found.groups()
    control = TimeControl(
        float(main) * _UNITS[unit],
        float(period or 0) * _UNITS[period_unit or ""],
        int(stones or 1),
        int(periods or 1),
    )
    if control.periods > 1 and control.stones > 1:
        raise UserError(f"--time {text}: use either several periods or several moves in a period, not both")
    if min(control.periods, control.stones) < 1 or control.main + control.period <= 0 or control.main > 1e6:
        raise UserError(f"--time {text}: the time must be more than zero and at most a million seconds")
    return control


class Clock:
    """One player's clock in one game."""

    def __init__(self, control: TimeControl) -> None:
        self.control, self.main = control, control.main
        self.period, self.stones, self.periods = control.period, control.stones, control.periods

    @property
    def remaining(self) -> float:
        """Seconds until the game is lost on time."""
        return self.main + self.period + (self.periods - 1) * self.control.period

    @property
    def left(self) -> tuple[float, int]:
        """(seconds, stones) as in GTP's time_left: 0 stones means main time."""
        return (self.main, 0) if self.main > 0 else (self.period, self.stones)

    def spend(self, seconds: float) -> bool:
        """Charge a move that took `seconds`; False if time ran out."""
        if seconds > self.remaining:
            self.main = self.period = 0.0
            return False
        over = max(0.0, seconds - self.main)
        self.main = max(0.0, self.main - seconds)
        if over == 0.0 and self.main > 0:
            return True
        while over > self.period:  # a byo-yomi period is used up
            over -= self.period
            self.periods -= 1
            self.period = self.control.period
        self.period -= over
        self.stones -= over > 0
        if self.stones == 0 or self.control.stones == 1:  # the period's moves are made: it starts again
            self.period, self.stones = self.control.period, self.control.stones
        return True

    @property
    def thinking(self) -> float:
        """Seconds to spend on the next move."""
        share = self.main / _MOVES_AHEAD + self.period / self.stones
        return max(0.01, min(share, 0.9 * self.remaining) - _LAG)
