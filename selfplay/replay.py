"""The replay window: the newest games of one board, sampled as positions with targets.

Games are stored, not positions: when a position is drawn, its game is replayed up to there. The window grows with
the number of positions played (KataGo, Wu 2019, appendix C):

    N(n) = c (1 + b ((n / c)^a - 1) / a)   for n > c positions played;   c: first window, a: growth, b = 0.4

A resumed training refills it from the records on disk.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from agents.alphazero.batch import Batch
from agents.alphazero.config import Config
from envs.boards.game import Game, turn_planes, turn_values
from selfplay.record import GameRecord
from supervised.data.source import IGNORED

_SPEED = 0.4  # b above


def window_size(played: int, first: int, growth: float) -> int:
    """How many of `played` fully searched positions are in the window."""
    if played <= first:
        return first
    if growth == 0:
        return first
    return int(first * (1 + _SPEED * ((played / first) ** growth - 1) / growth))


class Replay:
    """The games of the window."""

    def __init__(self, game: Game, first: int, growth: float) -> None:
        self.game, self.first, self.growth = game, first, growth
        self.games: deque[GameRecord] = deque()
        self.added = 0  # games so far, those too that have left the window
        self.played = 0  # fully searched positions of all games so far
        self._count = 0  # of those in the window

    def __len__(self) -> int:
        return self._count

    def add(self, record: GameRecord) -> None:
        """Put a game into the window; one without a result says nothing of who wins and is left out."""
        if np.isnan(record.result):
            return
        self.games.append(record)
        self.added += 1
        self.played += len(record.policy)
        self._count += len(record.policy)
        size = window_size(self.played, self.first, self.growth)
        while self.games and self._count - len(self.games[0].policy) >= size:
            self._count -= len(self.games.popleft().policy)

    def oldest(self) -> int:
        """Number of the oldest game in the window (0 when empty)."""
        return self.games[0].number if self.games else 0

    def batch(self, size: int, random: np.random.Generator, symmetry: bool) -> Batch:
        """Positions drawn uniformly from the window, with `symmetry` each under a random symmetry of the board."""
        games = list(self.games)
        counts = np.array([len(g.policy) for g in games])
        ends = np.cumsum(counts)
        drawn = np.sort(random.integers(0, ends[-1], size))
        which = np.searchsorted(ends, drawn, side="right")
        longest = max(len(games[g].moves) for g in np.unique(which))
        moves, plies = np.zeros((size, longest), np.int16), np.zeros(size, np.int64)
        policy = np.zeros((size, self.game.num_actions), np.float32)
        reply = np.full(size, IGNORED, np.int64)
        owner = np.zeros((size, int(np.prod(self.game.board_shape))), np.float32)
        result, score = np.zeros(size, np.float32), np.zeros(size, np.float32)
        counted, komi = np.zeros(size, bool), np.zeros(size, np.float32)
        for i, (g, place) in enumerate(zip(which, drawn, strict=True)):
            record = games[g]
            nth = place - (ends[g] - counts[g])
            ply = int(np.flatnonzero(record.full)[nth])
            moves[i, :ply], plies[i] = record.moves[:ply], ply
            policy[i] = record.policy[nth]
            if ply + 1 < len(record.moves):
                reply[i] = record.moves[ply + 1]
            result[i], komi[i] = record.result, record.komi
            counted[i] = not np.isnan(record.score)
            if counted[i]:
                score[i], owner[i] = record.score, record.ownership
        states = self.game.new(size)
        if self.game.can.komi:
            self.game.can.komi.give(states, komi)
        self.game.play_paths(states, moves, plies)
        to_play = self.game.to_move(states).astype(np.float32)
        planes = self.game.encode(states)
        policy /= np.maximum(policy.sum(1, keepdims=True), 1e-8)
        if symmetry:
            turns = random.integers(0, len(self.game.point_symmetries), size)
            planes = turn_planes(self.game, planes, turns)
            policy = turn_values(policy, self.game.action_symmetries[turns])
            owner = turn_values(owner, self.game.point_symmetries[turns])
            known = reply != IGNORED
            reply[known] = self.game.action_symmetries[turns[known], reply[known]]
        height, width = self.game.board_shape
        return Batch(
            planes=planes,
            policy=policy,
            outcome=(1 - result * to_play).astype(np.int64),
            reply=reply,
            ownership=owner.reshape(size, height, width) * to_play[:, None, None],
            score=score * to_play,
            counted=counted,
        )


def memory_of_window(config: Config, actions: int) -> int:
    """Bytes that the window takes at most after ten million positions."""
    return window_size(10_000_000, config.window, config.window_growth) * (2 * actions + 16)
