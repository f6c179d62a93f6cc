"""The loss of a gradient step, on the next piece of the text.

    loss = -mean_t log p(token_{t+1} | token_1 .. token_t)                      nats per token

A recurrent network reads B texts in parallel, which start at evenly spaced places of the file, and keeps its memory
from one gradient step to the next, though no gradient goes back beyond `length` characters (truncated back-propagation
through time, Williams & Peng 1990). A GPT reads windows from random places.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from supervised.data.text import Corpus
from supervised.sequence.text.config import Config
from supervised.sequence.text.held_out import nats
from supervised.sequence.text.networks import Net
from supervised.systems.gradient import Metrics
from tengen.device import Compute


class Reading:
    """The loss of each gradient step, and the memory that a recurrent network carries from step to step."""

    def __init__(self, text: Corpus, config: Config, compute: Compute) -> None:
        self.text, self.config, self.compute = text, config, compute
        self.memory: tuple[torch.Tensor, ...] = ()

    def __call__(self, model: nn.Module, rng: np.random.Generator, step: int) -> tuple[torch.Tensor, Metrics]:
        c, net = self.config, model
        assert isinstance(net, Net)
        last = self.text.learned - c.length - 1  # the last place where a window may start
        if net.context:
            starts, memory = rng.integers(last + 1, size=c.batch), net.start(c.batch)
        else:
            if not self.memory:
                self.memory = net.start(c.batch)
            first = np.arange(c.batch) * self.text.learned // c.batch
            starts, memory = (first + step * c.length) % (last + 1), self.memory
        tokens = torch.from_numpy(self.text.windows(starts, c.length + 1)).to(self.compute.device)  # [B, T + 1]
        with self.compute.autocast():
            logits, memory = net(tokens[:, :-1], memory)
        if not net.context:
            self.memory = tuple(part.detach() for part in memory)
        return nats(logits, tokens[:, 1:]).mean(), {}
