"""Clocks: how much time a player has, and how much to spend on a move.

none                no limit
absolute            main time only
canadian            main time, then repeatedly a number of stones in a number of seconds
byoyomi             main time, then periods: a move within a period keeps it, an overrun period is lost
fischer             main time, with an increment per move
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from envs.boards.game import BLACK, WHITE

_NO_TIME = 0.005  # seconds for a move when no time is left: a search of one evaluation
_OVERHEAD = 0.02  # seconds a move costs beyond its search, under absolute time


@dataclass(frozen=True)
class TimeSystem:
    """Times in seconds; `stones` are Canadian stones or periods."""

    kind: Literal["none", "absolute", "canadian", "byoyomi", "fischer"] = "none"
    main: float = 0.0
    period: float = 0.0  # or the increment per move (fischer)
    stones: int = 0


@dataclass
class _Side:
    left: float  # seconds left in main time, for the period's stones, or in the period
    stones: int = 0  # left in the period, or periods left; 0 in main time


class Clocks:
    """Both players' clocks under one system. We count time ourselves if the client sends none."""

    def __init__(self, system: TimeSystem, lag: float = 0.3) -> None:
        """`lag`: seconds of each move that may be lost on the way to the client."""
        self.system, self.lag = system, lag
        self.reset()

    def reset(self) -> None:
        self._sides = {colour: self._normal(_Side(self.system.main)) for colour in (BLACK, WHITE)}

    def tell(self, colour: int, left: float, stones: int) -> None:
        """The client's report: seconds left, and the stones or periods they are for (0: main time)."""
        self._sides[colour] = _Side(max(0.0, left), stones)

    def spent(self, colour: int, seconds: float) -> None:
        """Charge a move of `colour` that took `seconds`."""
        side, s = self._sides[colour], self.system
        if s.kind == "none":
            return
        side.left -= seconds
        if s.kind == "fischer":
            side.left = max(0.0, side.left) + s.period
            return
        in_overtime = side.stones > 0
        if s.kind == "byoyomi":
            while side.left < 0 and (side.stones > 1 or not in_overtime):
                side.stones = side.stones - 1 if in_overtime else s.stones
                side.left += s.period
                in_overtime = True
            if in_overtime:  # even after the last period: the client decides whether the game is lost on time
                side.left = s.period
        elif s.kind == "canadian":
            if in_overtime:
                side.stones -= 1
            if (in_overtime and side.stones == 0) or (not in_overtime and side.left < 0):
                debt = 0.0 if in_overtime else side.left
                self._sides[colour] = side = _Side(s.period + debt, s.stones - (0 if in_overtime else 1) or s.stones)
        side.left = max(0.0, side.left)

    def budget(self, colour: int, moves_to_come: int) -> float | None:
        """Seconds to think about the next move of `colour`, given an estimate of its remaining moves; None: no limit.

        The lag is subtracted whenever the time could run out.
        """
        side, s = self._sides[colour], self.system
        if s.kind == "none":
            return None
        share = self._safe(side.left) / max(1, moves_to_come)
        if s.kind == "fischer":
            return max(_NO_TIME, min(self._safe(side.left), share + self._safe(s.period)))
        if s.kind == "absolute":
            return max(_NO_TIME, share - _OVERHEAD)
        overtime = self._safe(s.period if s.kind == "byoyomi" else s.period / max(1, s.stones))
        if side.stones == 0:  # main time; a move may take as long as one in the overtime after it
            return max(_NO_TIME, share, overtime)
        if s.kind == "byoyomi":
            return max(_NO_TIME, self._safe(min(side.left, s.period)))
        return max(_NO_TIME, self._safe(side.left) / side.stones)

    def _safe(self, seconds: float) -> float:
        """The part of `seconds` usable for thinking: minus the lag, but never nothing if the lag dominates."""
        return max(0.95 * seconds - self.lag, min(0.4 * seconds, 0.5 * self.lag))

    def _normal(self, side: _Side) -> _Side:
        """Without main time, overtime starts at once."""
        s = self.system
        if side.left <= 0 and s.kind in ("canadian", "byoyomi"):
            return _Side(s.period, s.stones)
        return side


def moves_to_come(size: int, moves: int) -> int:
    """Estimated number of moves a player still has to make after `moves` moves of the game."""
    whole = 0.75 * size * size
    return max(int((whole - moves) / 2), int(size * size / 8), 5)
