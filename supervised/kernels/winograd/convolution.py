"""3x3 convolutions that learn by Winograd's algorithm, on CPUs.

The transforms of the playing tower (tower.py), forward and backward: with V = B' x B and U = G w G',

    y  = A' (U * V) A                  the convolution
    dx = the convolution of dy with w rotated by 180 degrees, channels exchanged
    dw = G' (sum over tiles of V' (A dy A')) G

Each takes 25 multiplications for a tile of 3x3 points and a pair of channels, where the direct form takes 81. Pictures
and gradients in bfloat16 are read and written as such; everything in between is float32.

Measured: docs/results/speed.md. Rounding differs from the direct form by about 1e-6 of the largest value.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from supervised.kernels.bfloat16 import memory_of
from supervised.kernels.swap import swap
from supervised.kernels.winograd.convolution_kernels import add_gradient, convolve
from supervised.kernels.winograd.tiles import BEYOND, COLUMNS
from supervised.kernels.winograd.tower import G
from tengen.jit import spread

# [25, 9]: U = _GG w. A tensor, since numpy's products have threads of their own, which wait 8 ms for torch's
_GG = torch.from_numpy(np.kron(G, G).astype(np.float32))


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        """`x` [B, C, H, W], `weight` [K, C, 3, 3] -> [B, K, H, W], channels last in memory."""
        ctx.save_for_backward(x, weight)
        return _convolved(x, _transformed(weight))

    @staticmethod
    def backward(ctx: Any, dy: torch.Tensor) -> Any:  # type: ignore[override]
        x, weight = ctx.saved_tensors
        dx = dw = None
        if ctx.needs_input_grad[0]:
            dx = _convolved(dy, _transformed(weight.flip(2, 3).transpose(0, 1)))
        if ctx.needs_input_grad[1]:
            dw = _weight_gradient(x, dy)
        return dx, dw


def _transformed(weight: torch.Tensor) -> np.ndarray:
    """U = G w G' [1, 25, C, K] of `weight` [K, C, 3, 3]."""
    outputs, inputs = weight.shape[:2]
    w = weight.detach().permute(2, 3, 1, 0).reshape(9, inputs * outputs)
    u: np.ndarray = (_GG @ w).view(1, 25, inputs, outputs).numpy()
    return u


def _last(x: torch.Tensor) -> np.ndarray:
    """[B, C, H, W] -> [B, H, W, C], without a copy where channels are last in memory already."""
    return memory_of(x.detach().permute(0, 2, 3, 1).contiguous())


def _convolved(x: torch.Tensor, u: np.ndarray) -> torch.Tensor:
    source = _last(x)
    batch, height, width, _ = source.shape
    shape = (batch, u.shape[3], height, width)
    out = torch.empty(shape, dtype=x.dtype, memory_format=torch.channels_last)  # not a view: ReLUs change it in place
    target = _last(out)
    spread(lambda i, j: convolve(source, i, j, u, target), batch, torch.get_num_threads(), 1)
    return out


def _weight_gradient(x: torch.Tensor, dy: torch.Tensor) -> torch.Tensor:
    """dw [K, C, 3, 3]."""
    source, slopes = _last(x), _last(dy)
    inputs, outputs = source.shape[3], slopes.shape[3]
    parts = min(torch.get_num_threads(), len(source))
    edges = [len(source) * i // parts for i in range(parts + 1)]
    du = np.zeros((parts, 25, inputs + BEYOND, outputs), np.float32)

    def work(first: int, last: int) -> None:
        for part in range(first, last):
            add_gradient(source, slopes, edges[part], edges[part + 1], du[part])

    spread(work, parts, parts, 1)
    whole = torch.from_numpy(du.sum(0)[:, :inputs].reshape(25, inputs * outputs))
    return (_GG.T @ whole).view(3, 3, inputs, outputs).permute(3, 2, 0, 1)


class WinogradConv2d(nn.Conv2d):
    """A trainable convolution [B, C, H, W] -> [B, K, H, W] by Winograd's algorithm; without gradients, torch's."""

    @staticmethod
    def fits(module: nn.Module) -> bool:
        """Whether `module` is a convolution that this can stand for."""
        return (
            type(module) is nn.Conv2d  # no subclass
            and module.kernel_size == (3, 3)
            and module.stride == module.padding == module.dilation == (1, 1)
            and module.groups == 1
            and module.padding_mode == "zeros"
            and module.in_channels % COLUMNS == module.out_channels % COLUMNS == 0
        )

    @classmethod
    def of(cls, conv: nn.Conv2d) -> WinogradConv2d:
        """The same convolution, with shared weights."""
        made = cls(conv.in_channels, conv.out_channels, 3, padding=1, bias=conv.bias is not None, device="meta")
        made.weight, made.bias = conv.weight, conv.bias
        return made.train(conv.training)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not torch.is_grad_enabled():
            return super().forward(x)
        with torch.autocast("cpu", enabled=False):  # the transformed weights are float32
            out: torch.Tensor = _Convolution.apply(x, self.weight)  # type: ignore[no-untyped-call]
        return out if self.bias is None else out + self.bias.to(out.dtype).view(-1, 1, 1)


def with_winograd_training(net: nn.Module) -> nn.Module:
    """`net`, its 3x3 convolutions replaced where that is possible."""
    return swap(net, WinogradConv2d.fits, WinogradConv2d.of)
