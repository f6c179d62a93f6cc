"""Which steps are sampled: the interface of a sampler, and the uniform one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from agents.common.replay.ring import Rows
from agents.common.replay.shards import Memory
from tengen.checkpoint import Tree


class Draw(NamedTuple):
    """N steps, drawn with replacement."""

    row: np.ndarray  # [N]
    game: np.ndarray  # [N]
    weight: np.ndarray  # [N] float32, of the sample in the loss


class Sampler(Protocol):
    """Draws steps from the memory that it was made for."""

    def add(self, place: np.ndarray, valid: np.ndarray) -> None:
        """Steps were stored at the places [N]; `valid` [N] is False where nothing is to be drawn."""

    def draw(self, size: int, ahead: int, done: float) -> Draw:
        """`size` steps whose next `ahead` are held, after the fraction `done` of the training."""

    def update(self, place: np.ndarray, error: np.ndarray) -> None:
        """The errors [N] of the samples that lie at `place` [N] have become known."""

    def state(self) -> Tree: ...

    def load(self, tree: Tree) -> None: ...


class Uniform:
    """All steps are equally likely (Mnih et al. 2015)."""

    def __init__(self, memory: Memory, random: np.random.Generator) -> None:
        self._memory, self._random = memory, random

    def add(self, place: np.ndarray, valid: np.ndarray) -> None:
        pass

    def draw(self, size: int, ahead: int, done: float) -> Draw:
        def propose(count: int) -> Rows:
            return self._memory.propose(self._random, count, ahead)

        row, game = draw_played(self._memory, propose, size, ahead)
        return Draw(row, game, np.ones(size, np.float32))

    def update(self, place: np.ndarray, error: np.ndarray) -> None:
        pass

    def state(self) -> Tree:
        return {}

    def load(self, tree: Tree) -> None:
        pass


def draw_played(memory: Memory, propose: Callable[[int], Rows], size: int, ahead: int) -> Rows:
    """`size` steps of those that `propose(count)` names: again and again, until all are held and were played."""
    row, game = np.zeros(size, np.int64), np.zeros(size, np.int64)
    todo = np.arange(size)
    while len(todo):
        r, g = propose(len(todo))
        good = memory.drawable(r, g, ahead)
        row[todo[good]], game[todo[good]] = r[good], g[good]
        todo = todo[~good]
    return row, game
