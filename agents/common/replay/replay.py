"""An agent's replay memory: steps, a sampler that chooses among them, and n-step returns from there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agents.common.replay.experience import Experience
from agents.common.replay.n_step import n_step_return
from agents.common.replay.reshare import reshare
from agents.common.replay.ring import NEAR, FrameRing
from agents.common.replay.sampling import Sampler
from agents.common.replay.segments import SegmentStore
from agents.common.replay.shards import Memory, ring_of
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
    """`add` experience, `sample` batches of it, and `update` them with their errors."""

    def __init__(self, memory: Memory, sampler: Sampler, n_step: int, gamma: float) -> None:
        """`gamma` is the discount a step. UserError if a ring is too short to sample `n_step` steps ahead."""
        self.memory, self.sampler, self._n, self._gamma = memory, sampler, n_step, gamma
        self._first_place = np.cumsum([0, *(ring.places for ring in memory.parts)])  # of each ring
        self.forgiving = False  # whether `load` goes without files that are damaged
        self._folder: Path | None = None  # of the files, once attached
        self._writing = False
        self._stores: list[SegmentStore] = []
        self._former: list[SegmentStore] = []  # of a replay that had other parts
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
        known = np.isfinite(new.error.ravel()) & ring.drawable(row, game, self._n)
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
        self._folder, self._writing = run_folder / "checkpoints" / "replay", writing
        own = [self._folder_of(part, len(self.memory.parts)) for part in range(len(self.memory.parts))]
        self._stores = [SegmentStore(folder, writing) for folder in own]
        there = [self._folder, *self._folder.glob("part-*-of-*")]
        self._former = [SegmentStore(folder, writing) for folder in there if folder not in own]
        for store in self._former:
            store.keep_all()

    def _folder_of(self, part: int, parts: int) -> Path:
        assert self._folder is not None
        return self._folder if parts == 1 else self._folder / f"part-{part}-of-{parts}"

    def state(self) -> Tree:
        """Everything as a tree; without the blocks that have files, which it names."""
        parts = []
        for part, ring in enumerate(self.memory.parts):
            full = ring.count // ring.block_rows * ring.block_rows if self._stores else 0
            segments = self._stores[part].save(ring) if self._stores else {}
            parts.append({"segments": segments} | ring.state(full))
        for store in self._former:
            store.save_none()
        return (parts[0] if len(parts) == 1 else {"parts": parts}) | self.sampler.state()

    def load(self, tree: Tree) -> None:
        """Put back what `state` gave. Raises `DamagedCheckpoint` where a file is missing or not what was written.

        Where it had other parts, all steps have the same priority again.
        """
        saved, rings = tree.get("parts", [tree]), self.memory.parts
        if len(saved) == len(rings):
            for part, (ring, one) in enumerate(zip(rings, saved, strict=True)):
                self._fill(ring, one, self._stores[part] if self._stores else None)
            self.sampler.load(tree)
            return
        reshare(self._loaded(saved), [one["count"] for one in saved], rings)
        for first, ring in zip(self._first_place, rings, strict=False):
            self.sampler.add(first + np.arange(ring.places), ring.valid.ravel())

    def _loaded(self, saved: Sequence[Tree]) -> Iterator[FrameRing]:
        """The rings that were saved as `saved`, one after the other."""
        ring = self.memory.parts[0]
        steps, num_envs = self.memory.steps, len(self.memory.parts) * ring.num_envs
        for part, one in enumerate(saved):
            made = ring_of(steps, num_envs, len(saved), ring.obs_shape, ring.frame.dtype)
            store = SegmentStore(self._folder_of(part, len(saved)), writing=False) if self._folder else None
            self._fill(made, one, store)
            yield made

    def _fill(self, ring: FrameRing, saved: Tree, store: SegmentStore | None) -> None:
        if saved["segments"] and not store:
            raise DamagedCheckpoint("the checkpoint names files of a replay, and no run has been attached to it")
        lost: list[int] = []
        near = max(NEAR, self._n, ring.stack)
        if store:
            store.load(ring, saved["segments"], lost if self.forgiving else None, near)
        ring.load(saved)
        for block in lost:
            ring.lose(block * ring.block_rows, (block + 1) * ring.block_rows, near)
