"""A replay of single frames: each screen is stored once, stacks are put together when they are sampled.

Rows lie in a ring over time, B games wide. Row t holds the observation at which action t was chosen:

    row       t-1      t            t+1             t+2
              play     game ends    final obs       first obs of the next game
    valid     True     True         False           True
    age        7       8            9               0       frames since the game began, for the padding
    ended     False    True         False           False

so the observation after row t is row t + 1, also where a game ended there. Stacks before a game's first
frame are padded with zeros, as the emulator's own are. On disk the rows lie in segments that are written
once; a checkpoint names them and holds only the rows after the last full one.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil
from safetensors.numpy import load, save

from envs.vector import Transition
from tengen.checkpoint import DamagedCheckpoint, Tree
from tengen.errors import UserError
from tengen.files import write_bytes

_SEGMENT = 4096  # rows over all games in one file: 29 MB of Atari frames
_FIELDS = ("frame", "age", "action", "reward", "discount", "valid", "ended")


class Batch(NamedTuple):
    """Samples for an n-step update."""

    obs: np.ndarray  # [N, *obs_shape]
    action: np.ndarray  # [N]
    reward: np.ndarray  # [N] sum of up to n discounted rewards
    discount: np.ndarray  # [N] discount of the value of `later`, 0 where nothing follows
    later: np.ndarray  # [N, *obs_shape] the observation after those rewards
    place: np.ndarray  # [N] row * B + game, for `Replay.update`
    weight: np.ndarray  # [N] importance weights, 1 without priorities


def replay_bytes(steps: int, obs_shape: tuple[int, ...], obs_dtype: np.dtype[Any]) -> int:
    """Bytes that a replay of `steps` environment steps takes."""
    frame = int(np.prod(obs_shape[1:] if len(obs_shape) == 3 else obs_shape)) * np.dtype(obs_dtype).itemsize
    return steps * (frame + 1 + 1 + 4 + 4 + 1 + 1 + 16)  # and at most 16 for a sum tree


def check_memory(steps: int, obs_shape: tuple[int, ...], obs_dtype: np.dtype[Any]) -> str:
    """What the replay will take, in words; refused where the machine has less."""
    need, free = replay_bytes(steps, obs_shape, obs_dtype), psutil.virtual_memory().available
    if need > free:
        raise UserError(
            f"a replay of {steps:,} steps needs {need / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; "
            f"use --replay {int(steps * free / need * 0.8):,} or less".replace(",", "_")
        )
    return f"the replay of {steps:,} steps takes {need / 1e9:.2f} GB of memory when full ({free / 1e9:.1f} GB are free)"


class Replay:
    """The last `steps` environment steps of B games."""

    def __init__(
        self,
        steps: int,
        num_envs: int,
        obs_shape: tuple[int, ...],
        obs_dtype: np.dtype[Any],
        *,
        n_step: int,
        gamma: float,
        random: np.random.Generator,
        priority_exponent: float | None = None,
    ) -> None:
        """`priority_exponent` None samples uniformly."""
        self._stack = obs_shape[0] if len(obs_shape) == 3 else 1
        self._screens = len(obs_shape) == 3
        frame = obs_shape[1:] if self._screens else obs_shape
        self.segment_rows = max(1, _SEGMENT // num_envs)
        self.rows = max(2, -(-steps // (num_envs * self.segment_rows))) * self.segment_rows
        self.num_envs, self._n, self._gamma, self._random = num_envs, n_step, gamma, random
        if self.rows < n_step + self._stack + 1:
            raise UserError(
                f"a replay of {steps:,} steps holds {self.rows} of each of {num_envs} games and needs"
                f" {n_step + self._stack + 1} to sample {n_step} steps ahead; use --replay with more".replace(",", "_")
            )
        shape = (self.rows, num_envs)
        self._data: dict[str, np.ndarray] = {
            "frame": np.zeros((*shape, *frame), obs_dtype),
            "age": np.zeros(shape, np.uint8),  # saturates at 255
            "action": np.zeros(shape, np.uint8),
            "reward": np.zeros(shape, np.float32),
            "discount": np.zeros(shape, np.float32),
            "valid": np.zeros(shape, bool),
            "ended": np.zeros(shape, bool),
        }
        self.count = 0  # rows ever added
        self._age = np.zeros(num_envs, np.int64)
        self._exponent = priority_exponent
        self._tree = SumTree(self.rows * num_envs) if priority_exponent is not None else None
        self._highest = 1.0
        self._sums: dict[str, str] = {}  # segment file -> SHA-256

    def __len__(self) -> int:
        """Environment steps held."""
        return min(self.count, self.rows) * self.num_envs

    def add(
        self, obs: np.ndarray, action: np.ndarray, transition: Transition, reward: np.ndarray, discount: np.ndarray
    ) -> None:
        """Store what was seen [B, *obs_shape], done [B], and what came of it. `discount` without gamma."""
        row = self.count % self.rows
        values = {
            "frame": obs[:, -1] if self._screens else obs,
            "age": np.minimum(self._age, 255),
            "action": action,
            "reward": reward,
            "discount": discount,
            "valid": transition.valid,
            "ended": transition.ended,
        }
        for name, value in values.items():
            self._data[name][row] = value
        self._age = np.where(transition.valid, self._age + 1, 0)
        if self._tree:
            index = row * self.num_envs + np.arange(self.num_envs)
            self._tree.set(index, np.where(transition.valid, self._highest, 0.0))
        self.count += 1

    @property
    def ready(self) -> bool:
        """Whether there is anything to sample: of two rows that follow each other, one is valid."""
        first, last = self._window()
        return last - first >= 2

    def _window(self) -> tuple[int, int]:
        """The rows whose stack and future are held: the first, and the one after the last."""
        return max(0, self.count - self.rows + self._stack - 1), self.count - self._n

    def sample(self, size: int, correction: float = 1.0) -> Batch:
        """`size` samples; `correction` is beta of the importance weights (prioritised only)."""
        row, game, weight = self._draw(size, correction)
        d, reward = self._data, np.zeros(size, np.float32)
        running, later = np.ones(size, np.float32), row.copy()
        alive = np.ones(size, bool)
        for _ in range(self._n):
            at = later % self.rows
            reward += np.where(alive, running * d["reward"][at, game], 0)
            running = np.where(alive, running * self._gamma * d["discount"][at, game], running)
            later = later + alive
            # nothing is added after an end, and nothing needed after a zero discount
            alive = alive & ~d["ended"][at, game] & (d["discount"][at, game] > 0)
        index = row % self.rows * self.num_envs + game
        action = d["action"][row % self.rows, game].astype(np.int64)
        return Batch(self._obs(row, game), action, reward, running, self._obs(later, game), index, weight)

    def update(self, index: np.ndarray, error: np.ndarray) -> None:
        """New priorities |error| + 1e-6 for samples that were drawn with priorities."""
        if self._tree and self._exponent is not None:
            priority = (np.abs(error) + 1e-6) ** self._exponent
            self._highest = max(self._highest, float(priority.max()))
            self._tree.set(index, priority)

    def _draw(self, size: int, correction: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows (as counted from the start), games and weights of samples whose stack and future are held."""
        first, last = self._window()
        if not self.ready:
            raise RuntimeError("the replay holds too few steps to sample from")
        row, game = np.zeros(size, np.int64), np.zeros(size, np.int64)
        todo = np.arange(size)
        while len(todo):
            if self._tree:
                index = self._tree.draw(self._random.random(len(todo)))
                at, g = index // self.num_envs, index % self.num_envs
                r = at + (self.count - 1 - at) // self.rows * self.rows  # the newest row stored there
            else:
                r = self._random.integers(first, last, len(todo))
                g = self._random.integers(self.num_envs, size=len(todo))
            good = (r >= first) & (r < last) & self._data["valid"][r % self.rows, g]
            row[todo[good]], game[todo[good]] = r[good], g[good]
            todo = todo[~good]
        if not self._tree:
            return row, game, np.ones(size, np.float32)
        chance = self._tree.get(row % self.rows * self.num_envs + game) / self._tree.total
        weight = (len(self) * chance) ** -correction
        return row, game, (weight / weight.max()).astype(np.float32)

    def _obs(self, row: np.ndarray, game: np.ndarray) -> np.ndarray:
        """Observations [N, *obs_shape] at rows (as counted from the start)."""
        at = row % self.rows
        if not self._screens:
            return self._data["frame"][at, game]
        age = self._data["age"][at, game]
        frame = self._data["frame"]
        obs = np.empty((len(row), self._stack, *frame.shape[2:]), frame.dtype)
        for back in range(self._stack):
            obs[:, self._stack - 1 - back] = frame[(row - back) % self.rows, game]
            obs[age < back, self._stack - 1 - back] = 0
        return obs

    def state(self, folder: Path | None, writing: bool = True) -> Tree:
        """The replay as a tree. With a `folder`, full segments go there, each once."""
        full = self.count // self.segment_rows if folder else 0
        oldest = max(0, self.count - self.rows)
        names = {}
        for k in range(oldest // self.segment_rows, full):
            name = f"segment-{k:08d}.safetensors"
            if name not in self._sums:
                data = save(self._take(k * self.segment_rows, (k + 1) * self.segment_rows))
                self._sums[name] = hashlib.sha256(data).hexdigest()
                if writing and folder:
                    folder.mkdir(exist_ok=True)
                    write_bytes(folder / name, data)
            names[name] = self._sums[name]
        tree: Tree = {
            "count": self.count,
            "segments": names,
            "tail": self._take(max(oldest, full * self.segment_rows), self.count),
            "age": self._age,
            "highest": self._highest,
        }
        return tree | ({"priorities": self._tree.leaves()} if self._tree else {})

    def load(self, tree: Tree, folder: Path | None) -> None:
        """Put back what `state` gave. Raises `DamagedCheckpoint` where a segment is not what was written."""
        self.count = tree["count"]
        self._sums = dict(tree["segments"])
        for name, expected in self._sums.items():
            try:
                data = (folder / name).read_bytes() if folder else b""
            except OSError as error:
                raise DamagedCheckpoint(f"{name} of the replay is missing") from error
            if hashlib.sha256(data).hexdigest() != expected:
                raise DamagedCheckpoint(f"{name} of the replay is not what was written")
            start = int(name[8:16]) * self.segment_rows
            self._put(start, load(data))
        tail = tree["tail"]
        self._put(self.count - len(tail["age"]), tail)
        self._age = tree["age"]
        self._highest = tree["highest"]
        if self._tree:
            self._tree.set(np.arange(self.rows * self.num_envs), tree["priorities"])

    def _take(self, start: int, end: int) -> dict[str, np.ndarray]:
        at = np.arange(start, end) % self.rows
        return {name: self._data[name][at] for name in _FIELDS}

    def _put(self, start: int, data: dict[str, np.ndarray]) -> None:
        at = np.arange(start, start + len(data["age"])) % self.rows
        for name in _FIELDS:
            self._data[name][at] = data[name]


def remove_old_segments(folder: Path, needed: set[str]) -> None:
    """Delete the segments in `folder` that no checkpoint names any more."""
    for path in folder.glob("segment-*.safetensors"):
        if path.name not in needed:
            path.unlink(missing_ok=True)


class SumTree:
    """Numbers whose sum, and whose place under a cumulative share, are found in log time (Schaul 2016, B.2.1)."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._leaves = 1 << max(1, (size - 1).bit_length())
        self._sum = np.zeros(2 * self._leaves)  # node i has children 2i and 2i + 1

    @property
    def total(self) -> float:
        return float(self._sum[1])

    def get(self, index: np.ndarray) -> np.ndarray:
        return self._sum[self._leaves + index]

    def leaves(self) -> np.ndarray:
        return self._sum[self._leaves : self._leaves + self._size].copy()

    def set(self, index: np.ndarray, value: np.ndarray) -> None:
        node = self._leaves + index
        self._sum[node] = value
        while node[0] > 1:
            node = np.unique(node // 2)
            self._sum[node] = self._sum[2 * node] + self._sum[2 * node + 1]

    def draw(self, share: np.ndarray) -> np.ndarray:
        """Leaves [N] under the shares [N] in [0, 1) of the total, in proportion to their numbers."""
        left_over, node = share * self._sum[1], np.ones(len(share), np.int64)
        while node[0] < self._leaves:
            left = self._sum[2 * node]
            right = left_over >= left
            left_over = np.where(right, left_over - left, left_over)
            node = 2 * node + right
        return np.minimum(node - self._leaves, self._size - 1)
