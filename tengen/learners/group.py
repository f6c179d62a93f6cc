"""Data-parallel learners on torch.distributed: the arithmetic. No Ray in here.

    rank 0                                           ranks 1 … N-1
    deal(parts of the batch)   ── a part for each ─▶ receive()
    backward on its part                             backward on its part
    add_gradients              ◀── all have the ──▶  add_gradients
    optimiser.step()               same sum          optimiser.step()

A loss that is a mean over a part is weighted by the part's fraction of the batch, so the sum of all gradients is that
of the whole batch: N learners learn the same as one, up to rounding. All always have the same weights and moments.

Batch norms compute their statistics over all parts (supervised/kernels/shared_norm.py).

Deviations from one learner: dropout's masks and mixup's pairs are drawn for each part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any, Protocol

import torch
import torch.distributed as dist
from torch import nn

from tengen.checkpoint import Tree

_PATIENCE = timedelta(days=30)  # rank 0 plays and rates between two gradient steps; a lost process is noticed at once


@dataclass(frozen=True)
class Group:
    """N processes, of which this one is number `rank`. A group of one changes nothing, not even a bit."""

    rank: int = 0
    size: int = 1
    messages: Any = None  # the process group for what lies in main memory: works, metrics

    @classmethod
    def joined(cls) -> Group:
        """The group of all processes of torch.distributed, which has been initialised; all of them call this."""
        return cls(dist.get_rank(), dist.get_world_size(), dist.new_group(backend="gloo", timeout=_PATIENCE))

    def parts(self, count: int) -> list[slice]:
        """Which of `count` examples each learner has: equally many, up to one."""
        ends = [-(-count * n // self.size) for n in range(self.size + 1)]
        return [slice(start, end) for start, end in pairwise(ends)]

    def part(self, count: int) -> slice:
        """Which of `count` examples this learner has."""
        return self.parts(count)[self.rank]

    def deal(self, works: Sequence[Any]) -> Any:
        """Rank 0 gives every learner its work (picklable); returns its own."""
        if self.size == 1:
            return works[0]
        own: list[Any] = [None]
        dist.scatter_object_list(own, list(works), src=0, group=self.messages)
        return own[0]

    def receive(self) -> Any:
        """What rank 0 deals to this one."""
        own: list[Any] = [None]
        dist.scatter_object_list(own, None, src=0, group=self.messages)
        return own[0]

    def add_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace each gradient by the sum over all learners."""
        if self.size == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])  # [all weights]
        dist.all_reduce(flat)
        for gradient, summed in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(summed.view(gradient.shape))

    def total(self, values: Mapping[str, float]) -> dict[str, float]:
        """Each value summed over all learners, which have the same names in the same order."""
        if self.size == 1:
            return dict(values)
        summed = torch.tensor(list(values.values()), dtype=torch.float64)
        dist.all_reduce(summed, group=self.messages)
        return dict(zip(values, summed.tolist(), strict=True))


ALONE = Group()


class Shared(Protocol):
    """A learner that can be one of several."""

    def join(self, group: Group) -> None:
        """Be one of `group`, whose learners are all in the same state."""
        ...

    def state(self) -> Tree: ...

    def load(self, tree: Tree) -> None: ...

    def follow(self, work: Any) -> object:
        """One gradient step, on what rank 0 has dealt to this one."""
        ...
