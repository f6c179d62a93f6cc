"""The last steps of B games, each screen stored once; stacks of screens are assembled when read.

Rows form a ring over time, B games wide. Row t holds the observation at which action t was chosen:

    row       t-1      t            t+1             t+2
              play     game ends    final obs       first obs of the next game
    valid     True     True         False           True
    age        7       8            9               0       frames since the game began, for the padding
    ended     False    True         False           False

so the observation after row t is row t + 1, even if a game ended there. Stacks before a game's first
frame are padded with zeros, as the emulator's own are.

Rows are counted from the start of the training; row r is at r modulo the length of the ring.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from agents.common.replay.experience import Experience
from tengen.checkpoint import Tree

NEAR = 32  # rows before and after lost ones that are not drawn either, at least: stacks reach over them
BLOCK = 4096  # steps over all games: 29 MB of Atari frames
Rows = tuple[np.ndarray, np.ndarray]  # rows [N] and games [N]

FIELDS = ("frame", "age", "action", "reward", "discount", "valid", "ended")


class Steps(NamedTuple):
    """The n steps that follow each of N chosen rows."""

    reward: np.ndarray  # [n, N]
    discount: np.ndarray  # [n, N] without gamma
    ended: np.ndarray  # [n, N] bool, the game ended by this step


class FrameRing:
    """At least the last `steps` environment steps of B games."""

    def __init__(
        self, steps: int, num_envs: int, obs_shape: tuple[int, ...], obs_dtype: np.dtype[Any], block: int = BLOCK
    ) -> None:
        """Three-dimensional observations are stacks of frames [frames, H, W], whose last is the newest.

        `block` is in steps over all games.
        """
        self.steps, self.num_envs, self.obs_shape = steps, num_envs, obs_shape
        self._screens = len(obs_shape) == 3
        self.stack = obs_shape[0] if self._screens else 1
        self.block_rows = max(1, block // num_envs)  # rows come in blocks: what is written to a file at a time
        self.rows = max(2, -(-steps // (num_envs * self.block_rows))) * self.block_rows
        self.count = 0  # rows ever added
        shape = (self.rows, num_envs)  # [R, B]
        self.frame = np.zeros((*shape, *(obs_shape[1:] if self._screens else obs_shape)), obs_dtype)
        self.age = np.zeros(shape, np.uint8)  # stops at 255
        self.action = np.zeros(shape, np.uint8)
        self.reward = np.zeros(shape, np.float32)
        self.discount = np.zeros(shape, np.float32)
        self.valid = np.zeros(shape, bool)
        self.ended = np.zeros(shape, bool)
        self._age = np.zeros(num_envs, np.int64)  # [B] of the row that comes next

    def __len__(self) -> int:
        """Environment steps held."""
        return min(self.count, self.rows) * self.num_envs

    @property
    def oldest(self) -> int:
        """The first row that is still held."""
        return max(0, self.count - self.rows)

    @property
    def parts(self) -> Sequence[FrameRing]:
        """The rings that this one is made of."""
        return (self,)

    @property
    def places(self) -> int:
        """How many places there are."""
        return self.rows * self.num_envs

    def add(self, new: Experience) -> np.ndarray:
        """Store T rows, of which at most `rows` may come at a time; returns their places [T, B]."""
        at = (self.count + np.arange(len(new.frame))) % self.rows  # [T]
        self.frame[at] = new.frame
        self.action[at] = new.action
        self.reward[at] = new.reward
        self.discount[at] = new.discount
        self.valid[at] = new.valid
        self.ended[at] = new.ended
        for t, valid in zip(at, new.valid, strict=True):
            self.age[t] = np.minimum(self._age, 255)
            self._age = np.where(valid, self._age + 1, 0)
        self.count += len(at)
        return at[:, None] * self.num_envs + np.arange(self.num_envs)

    def window(self, ahead: int) -> tuple[int, int]:
        """The rows whose stack and next `ahead` steps are held: the first, and the one after the last."""
        return max(0, self.count - self.rows + self.stack - 1), self.count - ahead

    def ready(self, ahead: int) -> bool:
        """Whether any step can be drawn: of two rows that follow each other, one is valid."""
        first, last = self.window(ahead)
        return last - first >= 2

    def propose(self, random: np.random.Generator, count: int, ahead: int) -> Rows:
        """`count` steps, each as likely as any other, of which some may not have been played."""
        first, last = self.window(ahead)
        row = random.integers(first, last, count)
        return row, random.integers(self.num_envs, size=count)

    def drawable(self, row: np.ndarray, game: np.ndarray, ahead: int) -> np.ndarray:
        """[N] bool; False where stack or next `ahead` steps are not held, or the action was ignored."""
        first, last = self.window(ahead)
        return (row >= first) & (row < last) & self.valid[row % self.rows, game]

    def place(self, row: np.ndarray, game: np.ndarray) -> np.ndarray:
        """One number for where row and game lie, from 0 to R * B - 1."""
        return row % self.rows * self.num_envs + game

    def newest_at(self, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The row and the game that were last stored at a place."""
        at, game = place // self.num_envs, place % self.num_envs
        return at + (self.count - 1 - at) // self.rows * self.rows, game

    def actions(self, row: np.ndarray, game: np.ndarray) -> np.ndarray:
        """[N] int64."""
        return self.action[row % self.rows, game].astype(np.int64)

    def steps_from(self, row: np.ndarray, game: np.ndarray, n: int) -> Steps:
        """The `n` steps from each of the rows [N] on."""
        at = (row + np.arange(n)[:, None]) % self.rows  # [n, N]
        return Steps(self.reward[at, game], self.discount[at, game], self.ended[at, game])

    def observations(self, row: np.ndarray, game: np.ndarray) -> np.ndarray:
        """[N, *obs_shape]."""
        at = row % self.rows
        if not self._screens:
            return self.frame[at, game]
        age = self.age[at, game]
        obs = np.empty((len(row), self.stack, *self.frame.shape[2:]), self.frame.dtype)
        for back in range(self.stack):
            obs[:, self.stack - 1 - back] = self.frame[(row - back) % self.rows, game]
            obs[age < back, self.stack - 1 - back] = 0
        return obs

    def take(self, start: int, end: int) -> dict[str, np.ndarray]:
        """A copy of rows `start` to `end` - 1."""
        at = np.arange(start, end) % self.rows
        return {name: getattr(self, name)[at] for name in FIELDS}

    def put(self, start: int, data: dict[str, np.ndarray]) -> None:
        """Put back what `take` gave, from row `start` on."""
        at = np.arange(start, start + len(data["age"])) % self.rows
        for name in FIELDS:
            getattr(self, name)[at] = data[name]

    def lose(self, start: int, end: int, near: int = NEAR) -> None:
        """Rows `start` to `end` - 1 are gone: neither they nor the `near` rows beside them, which need them, are drawn.

        ValueError where nothing is left to be drawn.
        """
        first, last = max(self.oldest, start - near), min(self.count, end + near)
        self.valid[np.arange(first, last) % self.rows] = False
        if not self.valid[np.arange(*self.window(near)) % self.rows].any():
            raise ValueError("too little of the replay is left")

    def state(self, start: int) -> Tree:
        """The rows from `start` on, and what is needed to go on from there."""
        return {"count": self.count, "tail": self.take(max(self.oldest, start), self.count), "age": self._age}

    def load(self, tree: Tree) -> None:
        self.count, self._age = tree["count"], np.asarray(tree["age"])
        self.put(self.count - len(tree["tail"]["age"]), tree["tail"])
