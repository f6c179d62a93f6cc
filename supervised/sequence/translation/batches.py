"""Batches with little padding: sources of exactly equal length, targets of similar length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch

from supervised.sequence.translation.pieces import END, PAD, START
from tengen.seeding import Seeds

Numbers = Sequence[int]


class Batch(NamedTuple):
    source: torch.Tensor  # [B, S] with END
    before: torch.Tensor  # [B, T] the decoder's input: START and the translation, then PAD
    after: torch.Tensor  # [B, T] the decoder's target: the translation and END, then PAD


class Batches:
    """The batches of a training, by number; an epoch has `len` of them, reshuffled each time."""

    def __init__(self, pairs: Sequence[tuple[Numbers, Numbers]], tokens: int, seeds: Seeds) -> None:
        """`tokens`: source tokens per batch, at most; a longer sentence is a batch by itself."""
        self.pairs, self.seeds = pairs, seeds
        self.lengths = np.array([len(target) for _, target in pairs])
        sources = np.array([len(source) for source, _ in pairs])
        self.groups = [np.flatnonzero(sources == n) for n in np.unique(sources)]  # sources of equal length
        self.sizes = [max(1, tokens // (int(n) + 1)) for n in np.unique(sources)]  # sentences per batch
        self.order: tuple[int, list[np.ndarray]] = (-1, [])

    def __len__(self) -> int:
        return sum(-(-len(group) // size) for group, size in zip(self.groups, self.sizes, strict=True))

    def indices(self, number: int) -> np.ndarray:
        """Indices of the pairs in batch `number`, counted over the whole training."""
        epoch, place = divmod(number, len(self))
        if self.order[0] != epoch:
            self.order = (epoch, self._epoch(np.random.default_rng(self.seeds.integer("epoch", epoch))))
        return self.order[1][place]

    def _epoch(self, rng: np.random.Generator) -> list[np.ndarray]:
        made: list[np.ndarray] = []
        for group, size in zip(self.groups, self.sizes, strict=True):
            nearly = self.lengths[group] + rng.uniform(0, 2, len(group))  # regroups the batches each epoch
            ordered = group[np.argsort(nearly)]
            made += [ordered[i : i + size] for i in range(0, len(ordered), size)]
        return [made[i] for i in rng.permutation(len(made))]

    def largest(self) -> Batch:
        """A batch of the group with the most sentences per batch."""
        group, size = max(zip(self.groups, self.sizes, strict=True), key=lambda one: min(len(one[0]), one[1]))
        return make([self.pairs[i] for i in group[:size]])

    def __getitem__(self, number: int) -> Batch:
        return make([self.pairs[i] for i in self.indices(number)])


def make(pairs: Sequence[tuple[Numbers, Numbers]]) -> Batch:
    """The batch of `pairs`, whose sources have equal length."""
    longest = max(len(target) for _, target in pairs) + 1
    before, after = np.full((2, len(pairs), longest), PAD)
    for row, (_, target) in enumerate(pairs):
        before[row, : len(target) + 1] = [START, *target]
        after[row, : len(target) + 1] = [*target, END]
    return Batch(sources(source for source, _ in pairs), torch.from_numpy(before), torch.from_numpy(after))


def sources(sentences: Iterable[Numbers]) -> torch.Tensor:
    """Sentences of equal length as [B, S], each with END."""
    return torch.tensor([[*sentence, END] for sentence in sentences])


def by_length(sentences: Sequence[Numbers], most: int) -> list[list[int]]:
    """Indices of the sentences in groups of equal length, at most `most` per group."""
    groups: dict[int, list[int]] = {}
    for i, sentence in enumerate(sentences):
        groups.setdefault(len(sentence), []).append(i)
    return [group[i : i + most] for _, group in sorted(groups.items()) for i in range(0, len(group), most)]
