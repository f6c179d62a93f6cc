"""Weight initialisations from scratch: how large initial weights must be for signals to keep their scale.

    function             variance of a weight                 source
    lecun_normal_        1 / fan_in                           LeCun 1998, "Efficient BackProp", section 4.6
    xavier_uniform_      2 / (fan_in + fan_out)               Glorot 2010, Eq. 16
    kaiming_normal_      2 / fan_in (or fan_out)              He 2015, arXiv:1502.01852, Eq. 10 and 14
    orthogonal_          all singular values equal to gain    Saxe 2014, arXiv:1312.6120

From the same state of the generator, the last three draw the same numbers as torch.nn.init.
"""

from __future__ import annotations

import math

import torch


def fans(weight: torch.Tensor) -> tuple[int, int]:
    """(fan in, fan out) of a weight [out, in] or [out, in, kernel...]."""
    field = math.prod(weight.shape[2:])
    return weight.shape[1] * field, weight.shape[0] * field


@torch.no_grad()
def lecun_normal_(weight: torch.Tensor) -> torch.Tensor:
    return weight.normal_(0, fans(weight)[0] ** -0.5)


@torch.no_grad()
def xavier_uniform_(weight: torch.Tensor, gain: float = 1.0) -> torch.Tensor:
    """A uniform distribution on [-a, a] has variance a² / 3."""
    bound = gain * math.sqrt(3 * 2 / sum(fans(weight)))
    return weight.uniform_(-bound, bound)


@torch.no_grad()
def kaiming_normal_(weight: torch.Tensor, fan: str = "in") -> torch.Tensor:
    """For ReLU, which halves the variance of its input: hence the 2."""
    fan_in, fan_out = fans(weight)
    return weight.normal_(0, math.sqrt(2 / (fan_in if fan == "in" else fan_out)))


@torch.no_grad()
def orthogonal_(weight: torch.Tensor, gain: float = 1.0) -> torch.Tensor:
    """Rows (or columns, whichever are fewer) are orthogonal and all of length `gain`."""
    rows = weight.shape[0]
    flat = torch.empty(rows, weight.numel() // rows).normal_()
    tall = flat.T if flat.shape[0] < flat.shape[1] else flat
    q, r = torch.linalg.qr(tall)
    q = q * r.diagonal().sign()  # makes the distribution uniform over all orthogonal matrices
    return weight.copy_(gain * (q.T if flat.shape[0] < flat.shape[1] else q).view_as(weight))
