"""What a game can do beyond the rules that all games share. Code asks for a capability, never for a particular game.

    if game.can.count:
        score, owner = game.can.count(states, None)

A game that has none of them says `can = NOTHING`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np


@dataclass(frozen=True)
class Komi:
    """Points given to White beforehand; each state may have its own."""

    usual: float  # of a new game
    give: Callable[[np.ndarray, np.ndarray | float], None]  # (states [B], points [B]), in place


class Count(NamedTuple):
    """The final count of B boards."""

    score: np.ndarray  # [B] float32 Black's points less White's and komi
    owner: np.ndarray  # [B, H, W] int8: 1 Black's point, -1 White's, 0 nobody's


@dataclass(frozen=True)
class FinishedGame:
    """A game that has been played to its end, from the usual start."""

    actions: tuple[int, ...]
    result: float  # as Black sees it: 1, 0, -1; NaN for a game without result
    score: float | None  # Black's points less White's and komi, where they were counted
    why: str  # how it ended: points, resignation, decided, …
    black: str
    white: str
    number: int  # among the games it belongs to
    komi: float | None = None  # None: the game's usual one
    stones: tuple[int, ...] = ()  # Black's handicap; White moves first then
    comments: tuple[str, ...] = ()  # one a move, empty for none; or none at all
    note: str = ""  # about the whole game


@dataclass(frozen=True)
class Capabilities:
    """What a game can do; None (or empty) where it cannot. B states at once, as in `Game`."""

    komi: Komi | None = None
    count: Callable[[np.ndarray, np.ndarray | None], Count] | None = None
    """(states, dead [B, H * W] bool or None): the count of area or territory, without the stones that both sides
    agree are dead. Marks on empty points are ignored."""
    settled: Callable[[np.ndarray], np.ndarray] | None = None
    """[B] int8 the colour that wins however the other side plays on, 0 where that is open, not yet worth looking at, or
    the game has ended. A proof, not an estimate."""
    playouts: Callable[[np.ndarray, np.random.Generator, int], np.ndarray] | None = None
    """(states, random, n): [B] float32 the mean result of n random games from each state, as Black sees it."""
    sensible: Callable[[np.ndarray], np.ndarray] | None = None
    """[B, A] bool legal moves that a beginner would not regret at once (Silver 2016: own eyes are not filled)."""
    passing: int | None = None
    """The action that passes."""
    opening_points: np.ndarray | None = None
    """[A] bool: actions fit for a random opening."""
    setup: Callable[[list[int], list[int], int, int], np.ndarray] | None = None
    """(Black's stones, White's stones, player to move, handicap stones among them): [1] a state. UserError for what
    no board can show."""
    fixed_handicap: Callable[[int], list[int]] | None = None
    """The points of so many handicap stones. UserError where there are no traditional ones."""
    sgf: Callable[[FinishedGame], bytes] | None = None
    """A game as a file that people can read."""
    gtp_setup: tuple[str, ...] = ()
    """GTP commands that begin a game; programs that speak GTP can play games that have them."""
    agreed: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What both sides agree on beforehand (komi, ko, …): part of a match's card."""


NOTHING = Capabilities()
