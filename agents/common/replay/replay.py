"""What an agent remembers: a ring of steps, a sampler that chooses among them, and n-step returns from there on."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from agents.common.replay.n_step import n_step_return
from agents.common.replay.ring import FrameRing
from agents.common.replay.sampling import Sampler
from agents.common.replay.segments import SegmentStore
from envs.vector import Transition
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

    def __init__(self, ring: FrameRing, sampler: Sampler, n_step: int, gamma: float) -> None:
        """`gamma` is the discount a step. UserError if the ring is too short to sample `n_step` steps ahead."""
        self.ring, self.sampler, self._n, self._gamma = ring, sampler, n_step, gamma
        self._store: SegmentStore | None = None
        needed = n_step + ring.stack + 1
        if ring.rows < needed:
            raise UserError(
                f"a replay of {ring.steps:,} steps holds {ring.rows} of each of {ring.num_envs} games and needs"
                f" {needed} to sample {n_step} steps ahead; use --replay with more".replace(",", "_")
            )

    @property
    def ready(self) -> bool:
        """Whether there is anything to sample: of two rows that follow each other, one is valid."""
        first, last = self.ring.window(self._n)
        return last - first >= 2

    def add(
        self, obs: np.ndarray, action: np.ndarray, transition: Transition, reward: np.ndarray, discount: np.ndarray
    ) -> None:
        """Store a step of all games; see `FrameRing.add`."""
        place = self.ring.add(obs, action, transition, reward, discount)
        self.sampler.add(place, transition.valid)

    def sample(self, size: int, done: float) -> Batch:
        """`size` samples after the fraction `done` of the training."""
        if not self.ready:
            raise RuntimeError("the replay holds too few steps to sample from")
        ring = self.ring
        row, game, weight = self.sampler.draw(size, self._n, done)
        reward, discount, steps = n_step_return(ring.steps_from(row, game, self._n), self._gamma)
        obs, later = ring.observations(row, game), ring.observations(row + steps, game)
        return Batch(obs, ring.actions(row, game), reward, discount, later, weight, ring.place(row, game))

    def update(self, place: np.ndarray, error: np.ndarray) -> None:
        """The samples that lie at `place` [N] turned out to have these errors [N]."""
        self.sampler.update(place, error)

    def attach(self, run_folder: Path, writing: bool) -> None:
        """From now on the ring's full blocks are files of this run; `writing` False reads them only."""
        self._store = SegmentStore(run_folder / "checkpoints" / "replay", writing)

    def state(self) -> Tree:
        """Everything as a tree; without the blocks that have files, which it names."""
        full = self.ring.count // self.ring.block_rows * self.ring.block_rows if self._store else 0
        segments = self._store.save(self.ring) if self._store else {}
        return {"segments": segments} | self.ring.state(full) | self.sampler.state()

    def load(self, tree: Tree) -> None:
        """Put back what `state` gave. Raises `DamagedCheckpoint` where a file is missing or not what was written."""
        if tree["segments"] and not self._store:
            raise DamagedCheckpoint("the checkpoint names files of a replay, and no run has been attached to it")
        if self._store:
            self._store.load(self.ring, tree["segments"])
        self.ring.load(tree)
        self.sampler.load(tree)
