"""What an agent remembers: steps, a sampler that chooses among them, and n-step returns from there on."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from agents.common.replay.experience import Experience
from agents.common.replay.n_step import n_step_return
from agents.common.replay.sampling import Sampler
from agents.common.replay.segments import SegmentStore
from agents.common.replay.shards import Memory
from tengen.checkpoint import DamagedCheckpoint, Tree
from tengen.errors import UserError


class Batch(NamedTuple):
    """N samples for an n-step update."""

    obs: np.ndarray  # [N, *obs_shape]
    action: np.ndarray  # [N] int64
    reward: np.ndarray  # [N] float32, n-step return without the value that follows
    discount: np.ndarray  # [N] float32, of that value: gamma^n, 0 where nothing follows
    later: np.ndarray  # [N, *obs_shape] the observation that has it
    weight: np.ndarray  # [N] float32, of the sample in the loss: 1 without priorities
    place: np.ndarray  # [N] for `Replay.update`


class Replay:
    """`add` what was played, `sample` batches of it, and `update` them with their errors."""

    def __init__(self, memory: Memory, sampler: Sampler, n_step: int, gamma: float) -> None:
        """`gamma` is the discount a step. UserError if a ring is too short to sample `n_step` steps ahead."""
        self.memory, self.sampler, self._n, self._gamma = memory, sampler, n_step, gamma
        self._first_place = np.cumsum([0, *(ring.places for ring in memory.parts)])  # of each ring
        self._stores: list[SegmentStore] = []
        for ring in memory.parts:
            needed = n_step + ring.stack + 1
            if ring.rows < needed:
                raise UserError(
                    f"a replay of {ring.steps:,} steps holds {ring.rows} of each of {ring.num_envs} games and needs"
                    f" {needed} to sample {n_step} steps ahead; use --replay with more".replace(",", "_")
                )

    @property
    def ready(self) -> bool:
        """Whether there is anything to sample."""
        return self.memory.ready(self._n)

    def add(self, new: Experience, part: int = 0) -> None:
        """Store rows of the games of ring `part`.

        With `new.error`, rows have the priority of their own error as soon as what follows them is known, else the
        highest so far.
        """
        ring, first = self.memory.parts[part], self._first_place[part]
        place = first + ring.add(new)  # [T, B]
        if new.error is None:
            self.sampler.add(place.ravel(), new.valid.ravel())
            return
        self.sampler.add(place.ravel(), np.zeros(place.size, bool))
        row = np.arange(ring.count - len(place), ring.count)[:, None] - self._n  # [T, 1]
        row, game = (x.ravel() for x in np.broadcast_arrays(row, np.arange(ring.num_envs)))
        known = (row >= 0) & ring.drawable(row, game, self._n)
        self.sampler.update(first + ring.place(row, game)[known], new.error.ravel()[known])

    def sample(self, size: int, done: float) -> Batch:
        """`size` samples after the fraction `done` of the training."""
        if not self.ready:
            raise RuntimeError("the replay holds too few steps to sample from")
        memory = self.memory
        row, game, weight = self.sampler.draw(size, self._n, done)
        reward, discount, steps = n_step_return(memory.steps_from(row, game, self._n), self._gamma)
        obs, later = memory.observations(row, game), memory.observations(row + steps, game)
        return Batch(obs, memory.actions(row, game), reward, discount, later, weight, memory.place(row, game))

    def update(self, place: np.ndarray, error: np.ndarray) -> None:
        """The samples that lie at `place` [N] turned out to have these errors [N]."""
        self.sampler.update(place, error)

    def attach(self, run_folder: Path, writing: bool) -> None:
        """From now on full blocks of the rings are files of this run; `writing` False reads them only."""
        folder = run_folder / "checkpoints" / "replay"
        parts = range(len(self.memory.parts))
        folders = [folder] if len(parts) == 1 else [folder / f"part-{part:04d}" for part in parts]
        self._stores = [SegmentStore(one, writing) for one in folders]

    def state(self) -> Tree:
        """Everything as a tree; without the blocks that have files, which it names."""
        parts = []
        for part, ring in enumerate(self.memory.parts):
            full = ring.count // ring.block_rows * ring.block_rows if self._stores else 0
            segments = self._stores[part].save(ring) if self._stores else {}
            parts.append({"segments": segments} | ring.state(full))
        return (parts[0] if len(parts) == 1 else {"parts": parts}) | self.sampler.state()

    def load(self, tree: Tree) -> None:
        """Put back what `state` gave. Raises `DamagedCheckpoint` where a file is missing or not what was written."""
        parts = tree.get("parts", [tree])
        if len(parts) != len(self.memory.parts):
            raise UserError(
                f"the replay of the checkpoint has {len(parts)} parts and {len(self.memory.parts)} are wanted: DQN goes"
                f" on with as many workers as it had, --workers {len(parts)}"
            )
        for part, (ring, saved) in enumerate(zip(self.memory.parts, parts, strict=True)):
            if saved["segments"] and not self._stores:
                raise DamagedCheckpoint("the checkpoint names files of a replay, and no run has been attached to it")
            if self._stores:
                self._stores[part].load(ring, saved["segments"])
            ring.load(saved)
        self.sampler.load(tree)
