"""Batch normalisation over the parts of several learners: the same function as one learner's on the whole batch.

Like `nn.SyncBatchNorm`, which is for CUDA only, with two sums over all learners: of the points, then of their squared
distances from the mean.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import nn

from supervised.kernels.swap import swap
from supervised.nets.tower import BoardNorm
from tengen.learners.group import Group


def share_norms(net: nn.Module, group: Group) -> None:
    """Let the batch norms of `net` take their statistics over all learners of `group`; parameters stay the same."""
    if group.size > 1:
        swap(net, lambda module: isinstance(module, nn.BatchNorm2d), SharedNorm)


class SharedNorm(BoardNorm):
    """This learner's part of the output of a `BoardNorm` or `nn.BatchNorm2d` over the whole batch."""

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__(norm.num_features, norm.eps, norm.momentum)
        self.weight, self.bias = norm.weight, norm.bias
        self.running_mean, self.running_var = norm.running_mean, norm.running_var
        self.num_batches_tracked = norm.num_batches_tracked
        self.train(norm.training)

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        if not self.training:
            return super().forward(x, mask)
        assert self.running_mean is not None and self.running_var is not None and self.momentum is not None
        assert self.num_batches_tracked is not None
        here = x.float() if mask is None else x.float() * mask  # [B, C, H, W]
        count = here.new_tensor(x.numel() / x.shape[1]) if mask is None else mask.sum()
        sums = over_all(torch.cat([here.sum((0, 2, 3)), count.view(1)]))  # [C + 1]
        points = sums[-1].detach()
        mean = sums[:-1] / points  # [C]
        centred = here - mean.view(1, -1, 1, 1)
        if mask is not None:
            centred = centred * mask
        variance = over_all(centred.square().sum((0, 2, 3))) / points
        with torch.no_grad():
            unbiased = variance * points / (points - 1).clamp(min=1)
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(unbiased, self.momentum)
            self.num_batches_tracked += 1
        scaled = centred * ((variance + self.eps).rsqrt() * self.weight).view(1, -1, 1, 1)
        shift = self.bias.view(1, -1, 1, 1)
        return (scaled + (shift if mask is None else shift * mask)).to(x.dtype)


class _Sum(torch.autograd.Function):
    """The sum over all learners; every loss depends on it, so its gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx: Any, own: torch.Tensor) -> torch.Tensor:
        return _summed(own)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        return _summed(gradients[0])


def over_all(own: torch.Tensor) -> torch.Tensor:
    """`own`, of the same shape for all learners, summed over them; can be differentiated."""
    result: torch.Tensor = _Sum.apply(own)  # type: ignore[no-untyped-call]
    return result


def _summed(own: torch.Tensor) -> torch.Tensor:
    total = own.clone()
    dist.all_reduce(total)
    return total
