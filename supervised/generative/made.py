"""MADE, a masked autoencoder that is a density (Germain et al. 2015, arXiv:1502.03509).

    p(x) = prod_d p(x_d | x_<d)          one pass gives all D conditionals

Inputs have an order; each hidden unit has a degree m and sees only inputs of order <= m; the output for x_d sees only
hidden units of degree < d (Eqs. 12 and 13). So no output depends on its own input.

    inputs  order 1 2 3          a weight is kept where   degree of the unit >= degree below it   (hidden)
    hidden  degree 1..D-1                                 order of the output > degree below it   (output)

With several masks each gradient step takes the next ordering and degrees (section 4.2). Their joint density is the
mean of the p_k(x), a mixture. The mean of their logits would not be a distribution: it does not sum to one.

Deviations: Adam with a falling rate and averaged weights instead of Adagrad or Adadelta; dropout of hidden units.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from supervised.generative.blocks import bernoulli_nats
from tengen.bounds import claim


class MADE(nn.Module):
    """bits [B, D] -> logits [B, D], each of which depends only on the inputs before it in the order."""

    def __init__(self, pixels: int, hidden: Sequence[int], masks: int = 1, dropout: float = 0.0, seed: int = 0) -> None:
        """`seed` draws orders and degrees. With one mask the order is that of reading: row by row."""
        super().__init__()
        self.pixels, self.masks, self.dropout = pixels, masks, nn.Dropout(dropout)
        sizes = (pixels, *hidden, pixels)
        self.layers = nn.ModuleList([nn.Linear(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)])
        self.direct = nn.Linear(pixels, pixels, bias=False)  # from input to output (section 4)
        nn.init.zeros_(self.direct.weight)
        claim(8 * masks * sum(sizes))
        self.degrees = [degrees_of(pixels, hidden, seed + k, natural=masks == 1) for k in range(masks)]

    def forward(self, bits: torch.Tensor, which: int = 0) -> torch.Tensor:
        """Logits under mask number `which`."""
        degrees, x = self.degrees[which], bits
        for i in range(len(self.layers) - 1):
            x = torch.relu(self._masked(self.layers[i], x, degrees[i + 1][:, None] >= degrees[i]))  # Eq. 12
            x = self.dropout(x)
        order, last = degrees[0], degrees[len(self.layers) - 1]
        out = self._masked(self.layers[-1], x, order[:, None] > last)  # Eq. 13
        return out + self._masked(self.direct, bits, order[:, None] > order)

    def _masked(self, layer: nn.Module, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        weight, bias = layer.weight, layer.bias
        return functional.linear(x, weight * mask.to(x.device), bias)  # type: ignore[arg-type,operator]

    def nats(self, bits: torch.Tensor, which: int) -> torch.Tensor:
        """-log p(x) [B] under one mask."""
        return bernoulli_nats(self(bits, which), bits)

    def mixture_nats(self, bits: torch.Tensor) -> torch.Tensor:
        """-log 1/K sum_k p_k(x) [B] over all masks."""
        each = torch.stack([-self.nats(bits, k) for k in range(self.masks)])  # [K, B]
        return math.log(self.masks) - torch.logsumexp(each, 0)

    @torch.no_grad()
    def sample(self, uniforms: torch.Tensor, which: int = 0, temperature: float = 1.0) -> torch.Tensor:
        """Bits [B, D] drawn one after the other, with `uniforms` [B, D] from 0 to 1."""
        bits = torch.zeros_like(uniforms)
        for d in self.degrees[which][0].argsort().tolist():
            p = torch.sigmoid(self(bits, which)[:, d].float() / max(temperature, 1e-6))
            bits[:, d] = (uniforms[:, d] < p).float()
        return bits


def degrees_of(pixels: int, hidden: Sequence[int], seed: int, natural: bool) -> list[torch.Tensor]:
    """Of each layer the degrees [units]: the inputs' order 1..D, then those of hidden units, from 1 to D - 1.

    A unit's degree is at least the smallest of the layer below (section 4.1), or nothing would reach it.
    """
    rng = np.random.default_rng(seed)
    order = np.arange(pixels) + 1 if natural else rng.permutation(pixels) + 1
    degrees, least = [torch.from_numpy(order)], 1
    for units in hidden:
        drawn = rng.integers(least, pixels, units)
        least = int(drawn.min())
        degrees.append(torch.from_numpy(drawn))
    return degrees
