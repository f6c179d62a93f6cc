"""Which steps of a ring are learned from: what a sampler offers, and the plain one, to which all steps are alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from agents.common.replay.ring import FrameRing
from tengen.checkpoint import Tree

Rows = tuple[np.ndarray, np.ndarray]  # rows [N] and games [N]


class Draw(NamedTuple):
    """N steps, drawn with replacement."""

    row: np.ndarray  # [N]
    game: np.ndarray  # [N]
    weight: np.ndarray  # [N] float32, of the sample in the loss


class Sampler(Protocol):
    """Draws steps of one ring."""

    def add(self, place: np.ndarray, valid: np.ndarray) -> None:
        """A row was stored at the places [B]; `valid` [B] is False where nothing was decided."""

    def draw(self, size: int, ahead: int, done: float) -> Draw:
        """`size` steps whose next `ahead` are held, after the fraction `done` of the training."""

    def update(self, place: np.ndarray, error: np.ndarray) -> None:
        """The errors [N] of the samples that lie at `place` [N] have become known."""

    def state(self) -> Tree: ...

    def load(self, tree: Tree) -> None: ...


class Uniform:
    """Every step is as likely as any other (Mnih et al. 2015)."""

    def __init__(self, ring: FrameRing, random: np.random.Generator) -> None:
        self._ring, self._random = ring, random

    def add(self, place: np.ndarray, valid: np.ndarray) -> None:
        pass

    def draw(self, size: int, ahead: int, done: float) -> Draw:
        first, last = self._ring.window(ahead)

        def propose(count: int) -> Rows:
            row = self._random.integers(first, last, count)
            return row, self._random.integers(self._ring.num_envs, size=count)

        row, game = draw_played(self._ring, propose, size, ahead)
        return Draw(row, game, np.ones(size, np.float32))

    def update(self, place: np.ndarray, error: np.ndarray) -> None:
        pass

    def state(self) -> Tree:
        return {}

    def load(self, tree: Tree) -> None:
        pass


def draw_played(ring: FrameRing, propose: Callable[[int], Rows], size: int, ahead: int) -> Rows:
    """`size` steps of those that `propose(count)` names: again and again, until all are held and were played."""
    first, last = ring.window(ahead)
    row, game = np.zeros(size, np.int64), np.zeros(size, np.int64)
    todo = np.arange(size)
    while len(todo):
        r, g = propose(len(todo))
        good = (r >= first) & (r < last) & ring.was_played(r, g)
        row[todo[good]], game[todo[good]] = r[good], g[good]
        todo = todo[~good]
    return row, game
