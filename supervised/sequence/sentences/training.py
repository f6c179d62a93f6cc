"""One training of the sentence classifier: gradient steps on the sentences outside a fold, a test on those in it.

Batches and dropout follow from the seed and the step, so the state is only the network and its optimiser.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional

from supervised.data.sentences import Sentences
from supervised.nets.headed import HeadedNet
from supervised.optim import parameter_groups
from supervised.schedules import lr_fraction
from supervised.sequence.sentences import batches
from supervised.sequence.sentences.config import Config
from tengen.device import Compute
from tengen.seeding import Seeds

_TEST_BATCH = 256  # sentences


class Training:
    """The training of `net` with the sentences of fold number `fold` held out."""

    def __init__(
        self,
        net: HeadedNet,
        sentences: Sentences,
        part: np.ndarray,  # [N]: the fold of each sentence
        fold: int,
        steps: int,  # of this training
        config: Config,
        seeds: Seeds,
        compute: Compute,
    ) -> None:
        self.net, self.sentences, self.fold, self.steps = net, sentences, fold, steps
        self.config, self.seeds, self.compute = config, seeds, compute
        self.compute.place(self.net)
        groups = parameter_groups(self.net, self.config.weight_decay)
        self.optimiser = torch.optim.AdamW(groups, lr=self.config.lr, betas=(0.9, self.config.beta2), fused=True)
        self.train, self.test = np.flatnonzero(part != self.fold), np.flatnonzero(part == self.fold)
        lengths = np.array([len(self.sentences.numbers[i]) for i in self.train])
        seed = self.seeds.integer("order", self.fold)
        self.batches = batches.Batches(self.train, lengths, self.config.batch, seed)

    def learn(self, step: int) -> float:
        """One gradient step; `step` counts those of all trainings. Returns the loss."""
        torch.manual_seed(self.seeds.integer("dropout", step))
        words, labels = self._tensors(self.batches(step % self.steps))
        for group in self.optimiser.param_groups:
            group["lr"] = self.lr(step)
        loss = functional.cross_entropy(self.net(words)["classes"], labels)
        self.optimiser.zero_grad()
        loss.backward()
        if self.config.max_grad_norm:
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.config.max_grad_norm)
        self.optimiser.step()
        if self.config.max_norm:
            with torch.no_grad():  # section 2.1: |w| <= s after each step
                weight: Any = self.net.heads["classes"].out.weight  # type: ignore[union-attr]
                weight.copy_(torch.renorm(weight, 2, 0, self.config.max_norm))
        return loss.item()

    def _tensors(self, chosen: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """(words [B, L], labels [B])."""
        words = torch.from_numpy(batches.padded([self.sentences.numbers[i] for i in chosen]))
        labels = torch.from_numpy(self.sentences.labels[chosen])
        return words.to(self.compute.device), labels.to(self.compute.device)

    def lr(self, step: int) -> float:
        c = self.config
        return c.lr * lr_fraction(c.schedule, step % self.steps / self.steps, c.warmup)

    def count_right(self) -> int:
        """Number of this fold's held-out sentences classified correctly."""
        self.net.eval()
        right = 0
        by_length = sorted(self.test, key=lambda i: len(self.sentences.numbers[i]))
        with torch.inference_mode():
            for start in range(0, len(by_length), _TEST_BATCH):
                words, labels = self._tensors(np.array(by_length[start : start + _TEST_BATCH]))
                right += int((self.net(words)["classes"].argmax(1) == labels).sum())
        return right
