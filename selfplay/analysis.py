"""The results of a search in one game so far, for people and programs that display them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from agents.search.arrays import OPEN, TERMINAL, Trees
from agents.search.search import Search
from envs.boards.game import Game

_ROOT = np.array([0])


@dataclass(frozen=True)
class MoveAnalysis:
    """A move at the root, from the point of view of the player to move."""

    action: int
    visits: int
    value: float  # mean in [-1, 1]
    prior: float
    lcb: float  # lower bound of the value's 95 % interval, -1 where nothing was visited
    line: tuple[int, ...]  # principal variation, this move first


@dataclass(frozen=True)
class Analysis:
    """The results of a search so far."""

    to_play: int  # BLACK or WHITE
    visits: int
    value: float  # of the root in [-1, 1], as the player to move sees it
    raw_value: float  # the network's own
    moves: tuple[MoveAnalysis, ...]  # every visited move, the best first; those without visits are left out
    best: int  # action
    seconds: float
    ownership: np.ndarray | None = None  # [H * W] float32 in [-1, 1], 1 Black's; None where the network has none
    score: float | None = None  # expected, Black's points less White's and komi; None likewise


def analyse(search: Search, game: Game, state: np.ndarray, seconds: float) -> Analysis:
    """What the first tree of `search` knows of `state` [1] after `seconds`; pending visits are left out."""
    to_play = int(game.to_move(state)[0])
    t = search.tree
    if t.used[0] == 0:  # not even the position itself was evaluated
        legal = game.legal(state)[0]
        return Analysis(to_play, 0, 0.0, 0.0, (), int(legal.argmax()), seconds)
    found = search.result(_ROOT)
    visits, prior, best = found.visits[0], found.prior[0], int(found.best[0])
    order = sorted(np.flatnonzero(visits), key=lambda a: (a != best, -visits[a], -prior[a]))
    moves = tuple(_move(t, int(a), int(visits[a])) for a in order)
    owner, score = search.details.mean(t) if search.details is not None else (None, None)
    value, raw = float(found.value[0]), float(found.raw_value[0])
    return Analysis(to_play, int(visits.sum()), value, raw, moves, best, seconds, owner, score)


def _move(t: Trees, action: int, visits: int) -> MoveAnalysis:
    child, prior = int(t.child[0, 0, action]), float(t.prior[0, 0, action])
    mean = float(t.total[0, 0, action]) / visits
    if child >= 0 and t.status[0, child] >= TERMINAL:
        mean = lcb = float(t.value[0, child]) * (1 if t.to_play[0, child] == t.to_play[0, 0] else -1)
    else:
        squares = float(t.square[0, child]) / visits if child >= 0 else 1.0
        variance = max(0.0, squares - mean * mean)
        lcb = mean - 1.96 * math.sqrt((variance + 0.16 / visits) / visits)
    return MoveAnalysis(action, visits, mean, prior, max(-1.0, lcb), _line(t, action))


def _line(t: Trees, action: int, longest: int = 20) -> tuple[int, ...]:
    line, node = [action], int(t.child[0, 0, action])
    while node >= 0 and len(line) < longest and t.status[0, node] == OPEN and t.visits[0, node].any():
        line.append(int(t.visits[0, node].argmax()))
        node = int(t.child[0, node, line[-1]])
    return tuple(line)
