"""Replay windows of several board sizes, for one network that learns from all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

from agents.alphazero.batch import Batch
from envs.boards.game import Game
from selfplay.record import GameRecord
from selfplay.replay import Replay
from supervised.data.source import IGNORED


class MixedReplay:
    """A window for each board; the first is the largest board."""

    def __init__(self, games: Sequence[Game], first: int, growth: float) -> None:
        """`first` and `growth` of the windows together (`window_size`)."""
        self.replays = [Replay(game, first // len(games), growth) for game in games]

    def __len__(self) -> int:
        return sum(len(replay) for replay in self.replays)

    @property
    def played(self) -> int:
        """Fully searched positions of all games so far."""
        return sum(replay.played for replay in self.replays)

    def add(self, records: Iterable[GameRecord]) -> None:
        """Each game goes into the window of its board."""
        for record in records:
            for replay in self.replays:
                if len(record.ownership) == int(np.prod(replay.game.board_shape)):
                    replay.add(record)

    @property
    def added(self) -> list[int]:
        """Games so far of each board, those too that have left the window."""
        return [replay.added for replay in self.replays]

    def between(self, before: Sequence[int], after: Sequence[int]) -> list[GameRecord]:
        """Of the games that came between two values of `added` those that are in the window."""
        found: list[GameRecord] = []
        for replay, first, end in zip(self.replays, before, after, strict=True):
            left = replay.added - len(replay.games)
            found += islice(replay.games, max(0, first - left), max(0, end - left))
        return found

    def holds(self, positions: int) -> bool:
        """Whether even the emptiest window has its part of so many positions."""
        return min(len(replay) for replay in self.replays) * len(self.replays) >= positions

    def batch(self, size: int, random: np.random.Generator, symmetry: bool) -> Batch:
        """An equal part from each window, smaller boards in the upper left corner of the largest."""
        if len(self.replays) == 1:
            return self.replays[0].batch(size, random, symmetry)
        count = len(self.replays)
        parts = [
            replay.batch(size // count + (i < size % count), random, symmetry) for i, replay in enumerate(self.replays)
        ]
        height, width = self.replays[0].game.board_shape
        return _joined([_enlarged(part, height, width) for part in parts])


def _joined(parts: list[Batch]) -> Batch:
    planes, *targets = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    # channels last in memory, as `encode` makes them
    planes = np.ascontiguousarray(planes.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    return Batch(planes, *targets)


def _enlarged(part: Batch, height: int, width: int) -> Batch:
    """A batch as on the larger board of `height` and `width`."""
    side = part.planes.shape[3]
    on_larger = np.where(part.reply == side * side, height * width, part.reply // side * width + part.reply % side)
    return part._replace(
        planes=filled_up(part.planes, height, width),
        policy=_larger_policy(part.policy, side, height, width),
        reply=np.where(part.reply == IGNORED, IGNORED, on_larger),
        ownership=filled_up(part.ownership[:, None], height, width)[:, 0],
    )


def filled_up(planes: np.ndarray, height: int, width: int) -> np.ndarray:
    """[B, C, h, w] in the upper left corner of zeros [B, C, H, W]."""
    return np.pad(planes, ((0, 0), (0, 0), (0, height - planes.shape[2]), (0, width - planes.shape[3])))


def _larger_policy(policy: np.ndarray, side: int, height: int, width: int) -> np.ndarray:
    """A number an action [B, side² + 1] as [B, H W + 1]."""
    points = filled_up(policy[:, None, :-1].reshape(-1, 1, side, side), height, width)
    return np.concatenate([points.reshape(len(policy), -1), policy[:, -1:]], axis=1)
