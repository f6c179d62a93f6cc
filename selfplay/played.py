"""One finished game between two players, and the score of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from envs.boards.capabilities import FinishedGame
from tengen.statistics import wilson

FORFEITS = ("hang", "crash", "rubbish", "illegal move", "time")  # ways to lose that are not play


@dataclass(frozen=True)
class Played:
    """One game of a match."""

    number: int
    first_is_black: bool  # whether the match's first player began
    actions: tuple[int, ...]
    result: float  # as Black sees it: 1, 0, -1; NaN for a game without result
    score: float | None  # Black's points less White's and komi, where it was counted
    why: str  # points, decided, the end, resignation, move limit, unsettled, time, refusal, or one of FORFEITS
    note: str = ""  # what went wrong, where something did
    comments: tuple[str, ...] = ()  # of the players on their moves, empty for none
    stones: tuple[int, ...] = ()  # Black's handicap

    @property
    def for_first(self) -> float:
        """As the match's first player sees it."""
        return self.result if self.first_is_black else -self.result


@dataclass(frozen=True)
class Tally:
    """The games of a match so far, from the first player's point of view."""

    wins: int
    draws: int
    losses: int
    void: int  # without a result
    as_black: tuple[int, int]  # wins, games

    @property
    def games(self) -> int:
        return self.wins + self.draws + self.losses

    @property
    def rate(self) -> float:
        return (self.wins + 0.5 * self.draws) / max(1, self.games)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % of the win rate (Wilson 1927; a draw counts as half a win)."""
        return wilson(self.rate, self.games)


def tally(games: Sequence[Played]) -> Tally:
    """The score of `games`."""
    points = [g.for_first for g in games]
    black = [g for g in games if g.first_is_black and not np.isnan(g.result)]
    return Tally(
        sum(p == 1 for p in points),
        sum(p == 0 for p in points),
        sum(p == -1 for p in points),
        sum(bool(np.isnan(p)) for p in points),
        (sum(g.for_first == 1 for g in black), len(black)),
    )


def as_finished_game(played: Played, names: tuple[str, str]) -> FinishedGame:
    """For a game record; `names` of the match's first and second player."""
    black, white = names if played.first_is_black else names[::-1]
    return FinishedGame(
        played.actions,
        played.result,
        played.score,
        played.why,
        black,
        white,
        played.number + 1,
        stones=played.stones,
        comments=played.comments,
        note=played.note,
    )
