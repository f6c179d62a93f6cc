"""Time in games: a player's time, and a clock that counts it down.

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
_LAG = 0.1  # seconds a move that a player of ours keeps for what is not thinking
_MOVES_AHEAD = 30  # that the main time has to do for


@dataclass(frozen=True)
class TimeControl:
    """Main time, then periods of extra time, in seconds."""

    main: float
    period: float = 0.0  # 0: none, the game is lost when the main time is over
    stones: int = 1  # moves that a period is for
    periods: int = 1  # that can be lost; 1 where a period is for several moves

    @property
    def settings(self) -> str:
        """GTP's command; several periods become one: GTP 2 knows no more."""
        stones = self.stones if self.period else 0
        return f"time_settings {round(self.main)} {round(self.period)} {stones}"

    @property
    def kgs_settings(self) -> str | None:
        """KGS's command for byo-yomi of several periods; None where GTP's own says it all."""
        if self.periods == 1:
            return None
        return f"kgs-time_settings byoyomi {round(self.main)} {round(self.period)} {self.periods}"


def time_control(text: str) -> TimeControl:
    """The time control that `text` describes; UserError for what is none."""
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
        raise UserError(f"--time {text}: either several periods or several moves per period, not both")
    if min(control.periods, control.stones) < 1 or control.main + control.period <= 0 or control.main > 1e6:
        raise UserError(f"--time {text}: the time must be positive and at most a million seconds")
    return control


class Clock:
    """One player's clock in one game."""

    def __init__(self, control: TimeControl) -> None:
        self.control, self.main = control, control.main
        self.period, self.stones, self.periods = control.period, control.stones, control.periods

    @property
    def remaining(self) -> float:
        """Seconds until the game is lost, if no move is made."""
        return self.main + self.period + (self.periods - 1) * self.control.period

    @property
    def left(self) -> tuple[float, int]:
        """(seconds, stones) as GTP's time_left says it: 0 stones in the main time."""
        return (self.main, 0) if self.main > 0 else (self.period, self.stones)

    def spend(self, seconds: float) -> bool:
        """A move took `seconds`; False if it came too late."""
        if seconds > self.remaining:
            self.main = self.period = 0.0
            return False
        over = max(0.0, seconds - self.main)
        self.main = max(0.0, self.main - seconds)
        if over == 0.0 and self.main > 0:
            return True
        while over > self.period:  # a period of byo-yomi is lost
            over -= self.period
            self.periods -= 1
            self.period = self.control.period
        self.period -= over
        self.stones -= over > 0
        if self.stones == 0 or self.control.stones == 1:  # a period's moves are made: it begins anew
            self.period, self.stones = self.control.period, self.control.stones
        return True

    @property
    def thinking(self) -> float:
        """Seconds that a player may well think about the next move."""
        share = self.main / _MOVES_AHEAD + self.period / self.stones
        return max(0.01, min(share, 0.9 * self.remaining) - _LAG)
