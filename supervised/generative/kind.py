"""What a model of binary pictures consists of: the network, loss, test and sampler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from supervised.systems.gradient import Metrics

Network = dict[str, Any]


class Kind(NamedTuple):
    """A model of bits. Pictures x are bytes [B, 1, 28, 28]; nats are per picture."""

    network: Callable[[Any, tuple[int, ...]], Network]  # configuration, picture shape -> description for `build`
    build: Callable[[Network], nn.Module]
    loss: Callable[[Any, torch.Tensor, np.random.Generator, Any, float], tuple[torch.Tensor, Metrics]]
    nats: Callable[[Any, torch.Tensor, np.random.Generator], torch.Tensor]  # [B], on held-out pictures
    sample: Callable[[Any, int, np.random.Generator, float], torch.Tensor]  # [count, D] probabilities or bits
    metric: str
    protocol: str
    prepare: Callable[[Any, torch.Tensor], None] = lambda model, x: None  # before training, with training pictures
    settle: Callable[[Any, torch.Tensor], None] = lambda model, x: None  # before testing, with training pictures
