"""Batches with little padding: source sentences of exactly the same length, target sentences of nearly the same."""

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
    before: torch.Tensor  # [B, T] what the decoder reads: START and the translation
    after: torch.Tensor  # [B, T] what it should say: the translation and END, PAD after that


class Batches:
    """The batches of a training by number; an epoch has `len` of them, in a new order each time."""

    def __init__(self, pairs: Sequence[tuple[Numbers, Numbers]], tokens: int, seeds: Seeds) -> None:
        """`tokens`: pieces of the source in a batch, at most; a longer sentence is a batch alone."""
        self.pairs, self.seeds = pairs, seeds
        self.lengths = np.array([len(target) for _, target in pairs])
        sources = np.array([len(source) for source, _ in pairs])
        self.groups = [np.flatnonzero(sources == n) for n in np.unique(sources)]  # of equally long sources
        self.sizes = [max(1, tokens // (int(n) + 1)) for n in np.unique(sources)]  # sentences of a batch
        self.order: tuple[int, list[np.ndarray]] = (-1, [])

    def __len__(self) -> int:
        return sum(-(-len(group) // size) for group, size in zip(self.groups, self.sizes, strict=True))

    def indices(self, number: int) -> np.ndarray:
        """Of the pairs in batch `number` of the whole training."""
        epoch, place = divmod(number, len(self))
        if self.order[0] != epoch:
            self.order = (epoch, self._epoch(np.random.default_rng(self.seeds.integer("epoch", epoch))))
        return self.order[1][place]

    def _epoch(self, rng: np.random.Generator) -> list[np.ndarray]:
        made: list[np.ndarray] = []
        for group, size in zip(self.groups, self.sizes, strict=True):
            nearly = self.lengths[group] + rng.uniform(0, 2, len(group))  # who shares a batch differs each epoch
            ordered = group[np.argsort(nearly)]
            made += [ordered[i : i + size] for i in range(0, len(ordered), size)]
        return [made[i] for i in rng.permutation(len(made))]

    def largest(self) -> Batch:
        """One of the batches with the most pieces."""
        group, size = max(zip(self.groups, self.sizes, strict=True), key=lambda one: min(len(one[0]), one[1]))
        return make([self.pairs[i] for i in group[:size]])

    def __getitem__(self, number: int) -> Batch:
        return make([self.pairs[i] for i in self.indices(number)])


def make(pairs: Sequence[tuple[Numbers, Numbers]]) -> Batch:
    """The batch of `pairs`, whose sources are equally long."""
    longest = max(len(target) for _, target in pairs) + 1
    before, after = np.full((2, len(pairs), longest), PAD)
    for row, (_, target) in enumerate(pairs):
        before[row, : len(target) + 1] = [START, *target]
        after[row, : len(target) + 1] = [*target, END]
    return Batch(sources(source for source, _ in pairs), torch.from_numpy(before), torch.from_numpy(after))


def sources(sentences: Iterable[Numbers]) -> torch.Tensor:
    """[B, S] equally long sentences, each with END."""
    return torch.tensor([[*sentence, END] for sentence in sentences])


def by_length(sentences: Sequence[Numbers], most: int) -> list[list[int]]:
    """Indices of equally long sentences, at most `most` together."""
    groups: dict[int, list[int]] = {}
    for i, sentence in enumerate(sentences):
        groups.setdefault(len(sentence), []).append(i)
    return [group[i : i + most] for _, group in sorted(groups.items()) for i in range(0, len(group), most)]
