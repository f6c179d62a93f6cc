"""Several rings as one memory: each worker has its own ring, and they grow at different speeds.

    games     0 1 2 3 │ 4 5 6 7 │ …     numbered through all rings; a game's number says which ring it is in
    rows      0 … 951 │ 0 … 874 │ …     counted separately in each ring
    places    0 …     │ R B …   │ …     numbered through, so that one sum tree holds the priorities of all

so one draw covers all steps of all rings, in proportion to their number or to their priorities, and a sampler need not
know that there are several.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from agents.common.replay.ring import BLOCK, FrameRing, Rows, Steps

_SMALLEST = 256  # steps of a block, so that files do not become too many


class Memory(Protocol):
    """Stored steps, by row and game; `FrameRing` explains the methods."""

    steps: int  # that it was made for

    @property
    def parts(self) -> Sequence[FrameRing]: ...

    @property
    def places(self) -> int: ...

    def __len__(self) -> int: ...

    def ready(self, ahead: int) -> bool: ...

    def propose(self, random: np.random.Generator, count: int, ahead: int) -> Rows: ...

    def drawable(self, row: np.ndarray, game: np.ndarray, ahead: int) -> np.ndarray: ...

    def place(self, row: np.ndarray, game: np.ndarray) -> np.ndarray: ...

    def newest_at(self, place: np.ndarray) -> Rows: ...

    def actions(self, row: np.ndarray, game: np.ndarray) -> np.ndarray: ...

    def steps_from(self, row: np.ndarray, game: np.ndarray, n: int) -> Steps: ...

    def observations(self, row: np.ndarray, game: np.ndarray) -> np.ndarray: ...


def memory_of(
    steps: int, num_envs: int, parts: int, obs_shape: tuple[int, ...], obs_dtype: np.dtype[Any]
) -> FrameRing | Shards:
    """At least the last `steps` environment steps of all games, of which each of the `parts` has as many."""
    rings = [ring_of(steps, num_envs, parts, obs_shape, obs_dtype) for _ in range(parts)]
    return rings[0] if parts == 1 else Shards(rings, steps)


def ring_of(steps: int, num_envs: int, parts: int, obs_shape: tuple[int, ...], obs_dtype: np.dtype[Any]) -> FrameRing:
    """One of the rings of `memory_of`."""
    block = max(_SMALLEST, BLOCK // parts)
    return FrameRing(-(-steps // parts), num_envs // parts, obs_shape, obs_dtype, block)


class _Share(NamedTuple):
    """The samples of a batch from one ring."""

    at: np.ndarray  # [K] which of the batch
    ring: FrameRing
    number: int  # of the ring
    row: np.ndarray  # [K]
    game: np.ndarray  # [K] within the ring


class Shards:
    """A `Memory` of several rings."""

    def __init__(self, parts: Sequence[FrameRing], steps: int) -> None:
        self._parts, self.steps = parts, steps
        self._games = np.cumsum([0, *(ring.num_envs for ring in parts)])  # the first game of each, and the end
        self._places = np.cumsum([0, *(ring.places for ring in parts)])

    @property
    def parts(self) -> Sequence[FrameRing]:
        return self._parts

    @property
    def places(self) -> int:
        return int(self._places[-1])

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def ready(self, ahead: int) -> bool:
        return any(ring.ready(ahead) for ring in self._parts)

    def propose(self, random: np.random.Generator, count: int, ahead: int) -> Rows:
        windows = [ring.window(ahead) for ring in self._parts]
        sizes = [max(0, last - first) * ring.num_envs for (first, last), ring in zip(windows, self._parts, strict=True)]
        ends = np.cumsum(sizes)
        number = random.integers(ends[-1], size=count)  # of a step that is held, through all rings
        part = np.searchsorted(ends, number, side="right")
        within = number - np.concatenate([[0], ends])[part]
        width = np.diff(self._games)[part]
        first = np.array([window[0] for window in windows])[part]
        return first + within // width, self._games[part] + within % width

    def drawable(self, row: np.ndarray, game: np.ndarray, ahead: int) -> np.ndarray:
        good = np.zeros(len(row), bool)
        for share in self._shares(row, game):
            good[share.at] = share.ring.drawable(share.row, share.game, ahead)
        return good

    def place(self, row: np.ndarray, game: np.ndarray) -> np.ndarray:
        place = np.zeros(len(row), np.int64)
        for share in self._shares(row, game):
            place[share.at] = self._places[share.number] + share.ring.place(share.row, share.game)
        return place

    def newest_at(self, place: np.ndarray) -> Rows:
        row, game = np.zeros(len(place), np.int64), np.zeros(len(place), np.int64)
        part = np.searchsorted(self._places, place, side="right") - 1
        for number in np.unique(part):
            at = np.flatnonzero(part == number)
            row[at], own = self._parts[number].newest_at(place[at] - self._places[number])
            game[at] = self._games[number] + own
        return row, game

    def actions(self, row: np.ndarray, game: np.ndarray) -> np.ndarray:
        action = np.zeros(len(row), np.int64)
        for share in self._shares(row, game):
            action[share.at] = share.ring.actions(share.row, share.game)
        return action

    def steps_from(self, row: np.ndarray, game: np.ndarray, n: int) -> Steps:
        steps = Steps(
            np.zeros((n, len(row)), np.float32), np.zeros((n, len(row)), np.float32), np.zeros((n, len(row)), bool)
        )
        for share in self._shares(row, game):
            for whole, own in zip(steps, share.ring.steps_from(share.row, share.game, n), strict=True):
                whole[:, share.at] = own
        return steps

    def observations(self, row: np.ndarray, game: np.ndarray) -> np.ndarray:
        ring = self._parts[0]
        obs = np.empty((len(row), *ring.obs_shape), ring.frame.dtype)
        for share in self._shares(row, game):
            obs[share.at] = share.ring.observations(share.row, share.game)
        return obs

    def _shares(self, row: np.ndarray, game: np.ndarray) -> Iterator[_Share]:
        part = np.searchsorted(self._games, game, side="right") - 1
        for number in np.unique(part):
            at = np.flatnonzero(part == number)
            yield _Share(at, self._parts[number], int(number), row[at], game[at] - self._games[number])
