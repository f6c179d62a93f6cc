"""Optional capabilities of a game beyond the common rules. Code asks for a capability, never for a particular game.

    if game.can.count:
        score, owner = game.can.count(states, None)

A game without any sets `can = NOTHING`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np


@dataclass(frozen=True)
class Komi:
    """Points given to White in advance; each state may have its own komi."""

    usual: float  # the default for a new game
    give: Callable[[np.ndarray, np.ndarray | float], None]  # (states [B], points [B]), in place


class Count(NamedTuple):
    """The final count of B boards."""

    score: np.ndarray  # [B] float32 Black's points minus White's and komi
    owner: np.ndarray  # [B, H, W] int8: 1 Black, -1 White, 0 neither


@dataclass(frozen=True)
class FinishedGame:
    """A game played to its end from the usual start."""

    actions: tuple[int, ...]
    result: float  # for Black: 1, 0, -1; NaN for a game without a result
    score: float | None  # Black's points minus White's and komi, if counted
    why: str  # how it ended: points, resignation, decided, …
    black: str
    white: str
    number: int  # index within its series of games
    komi: float | None = None  # None: the game's default
    stones: tuple[int, ...] = ()  # Black's handicap stones; if any, White moves first
    comments: tuple[str, ...] = ()  # one per move, empty strings for none; or ()
    note: str = ""  # about the whole game


@dataclass(frozen=True)
class Capabilities:
    """What a game can do; None (or empty) if it cannot. Functions take B states at once, as in `Game`."""

    komi: Komi | None = None
    count: Callable[[np.ndarray, np.ndarray | None], Count] | None = None
    """(states, dead [B, H * W] bool or None): counts area or territory after removing the stones that both sides
    agree are dead. Marks on empty points are ignored."""
    settled: Callable[[np.ndarray], np.ndarray] | None = None
    """[B] int8 the colour that wins whatever the other side plays; 0 if undecided, too early to be worth checking, or
    the game has ended. A proof, not an estimate."""
    playouts: Callable[[np.ndarray, np.random.Generator, int], np.ndarray] | None = None
    """(states, random, n): [B] float32 the mean result for Black of n random games from each state."""
    sensible: Callable[[np.ndarray], np.ndarray] | None = None
    """[B, A] bool legal moves without obvious blunders (Silver 2016: does not fill own eyes)."""
    passing: int | None = None
    """The pass action."""
    opening_points: np.ndarray | None = None
    """[A] bool: actions suitable for a random opening."""
    setup: Callable[[list[int], list[int], int, int], np.ndarray] | None = None
    """(Black's stones, White's stones, player to move, handicap stones among them): [1] a state. UserError for an
    impossible position."""
    edited: Callable[[np.ndarray, list[int], list[int], int], np.ndarray] | None = None
    """(state [1], Black's stones, White's stones, player to move): [1] the game goes on from these stones, as when a
    record sets up stones between moves; komi, prisoners and earlier positions stay. UserError if impossible."""
    give_turn: Callable[[np.ndarray, int], None] | None = None
    """(states, player to move): in place, before a move out of turn; a game that ended by passes is resumed."""
    winning_rows: Callable[[np.ndarray], list[list[int]]] | None = None
    """(state [1]): the rows of stones that won the game, each as its points from end to end."""
    fixed_handicap: Callable[[int], list[int]] | None = None
    """The traditional points for a number of handicap stones. UserError if there are none."""
    sgf: Callable[[FinishedGame], bytes] | None = None
    """A finished game as an SGF file."""
    gtp_setup: tuple[str, ...] = ()
    """GTP commands that start a game. GTP programs can play only games that define them."""
    gtp_rules: tuple[str, ...] = ()
    """GTP commands that state the rules, the most exact first. A program may know none of them."""
    agreed: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What both sides agree on in advance (komi, ko, …); part of a match's card."""


NOTHING = Capabilities()
