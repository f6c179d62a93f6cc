"""A game played between two players, and the score over many games."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from envs.boards.capabilities import FinishedGame
from tengen.statistics import wilson

FORFEITS = ("hang", "crash", "rubbish", "illegal move", "time")  # losses other than by play


@dataclass(frozen=True)
class Played:
    """One game of a match."""

    number: int
    first_is_black: bool  # whether the match's first player had Black
    actions: tuple[int, ...]
    result: float  # for Black: 1, 0, -1; NaN for no result
    score: float | None  # Black's points minus White's and komi, if counted
    why: str  # points, decided, the end, resignation, move limit, unsettled, time, refusal, or one of FORFEITS
    note: str = ""  # what went wrong, if anything
    comments: tuple[str, ...] = ()  # the players' comments on their moves, empty if none
    stones: tuple[int, ...] = ()  # Black's handicap

    @property
    def for_first(self) -> float:
        """The result for the match's first player."""
        return self.result if self.first_is_black else -self.result


@dataclass(frozen=True)
class Tally:
    """The score of a match so far, for the first player."""

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
        """95 % interval of the win rate (Wilson 1927; a draw counts as half a win)."""
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
    """Convert to a `FinishedGame`; `names` of the match's first and second player."""
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
