"""Convolutions that compute only where screens differ from their background, on CPUs.

Most of a game's screen stands still: of the 400 patches that the first layer of the DQN networks sees, 10 % differ from
the background in Pong, 11 % in Breakout, 25 % in Ms. Pac-Man; of the second layer's 81 patches 32, 27 and 63 %. A
convolution is linear, so with one screen b as the background of a batch,

    w * x  =  w * b  +  w * (x - b)

the first term is computed once for the whole batch, and the second is zero wherever the patch equals b's. So maps are
stored as the background's maps and a row of differences for each place that has any; after a ReLU r the difference is
r(b + d) - r(b), still zero where d is. Gradients take the same path. Nothing is omitted or approximated: every b gives
the same function, and a good one makes it fast. Here b is nearly the median of nine screens. In bfloat16 sums and
differences are rounded like everything else.

Measured: docs/results/speed.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from supervised.kernels.bfloat16 import in_bfloat16, memory_of
from supervised.kernels.foreground.map_kernels import (
    gather_maps,
    gather_screens,
    mark_maps,
    mark_screens,
    number,
    rectify,
    rectify_slopes,
    scatter_maps,
)
from supervised.nets.blocks import Scale
from tengen.jit import spread

_WORD = 8  # bytes that are compared at once
_MOST = 0.6  # of the first layer's patches; where more differ, computing all of them is as fast
_MOST_BEFORE = 0.4  # of a map's places; where more differ, the next layer is computed as a whole
_ROWS = 1024  # of maps; fewer are not worth a thread


def fits(layers: nn.Sequential) -> bool:
    """Whether `layers` start with a convolution that can be computed like this."""
    first = layers[0]
    if not isinstance(first, nn.Conv2d) or not _plain(first):
        return False
    rows, stride = first.kernel_size[0], first.stride[0]
    return rows % stride == 0 and stride * first.in_channels % _WORD == 0  # whole blocks of whole words


def run(layers: nn.Sequential, screens: torch.Tensor, scale: Scale) -> torch.Tensor:
    """`layers(scale(screens))` for bytes [B, C, H, W], where `fits`; from a layer of another kind on, as a whole."""
    first, *rest = layers.children()
    assert isinstance(first, nn.Conv2d)
    maps = _first(first, screens, scale)
    if maps is None:
        whole: torch.Tensor = layers(scale(screens))
        return whole
    while rest:
        if isinstance(rest[0], nn.ReLU):
            maps = _relu(maps)
        elif isinstance(rest[0], nn.Conv2d) and _plain(rest[0]) and maps.fraction <= _MOST_BEFORE:
            maps = _next(rest[0], maps)
        else:
            break
        rest = rest[1:]
    x = _whole(maps)
    for layer in rest:
        x = layer(x)
    return x


@dataclass(frozen=True)
class _Maps:
    """Maps [B, K, P, Q]: those of one background, and the differences where there are any."""

    still: torch.Tensor  # [P * Q, K] float32
    other: torch.Tensor  # [N, K] float32, or bfloat16
    place: torch.Tensor  # [N] int64, of B * P * Q
    point: np.ndarray  # [N] int32, of P * Q
    row: np.ndarray  # [B, P, Q] int32: the row of `other`, or -1

    @property
    def fraction(self) -> float:
        """Of the places, how many differ."""
        return len(self.place) / self.row.size


def _plain(layer: nn.Conv2d) -> bool:
    (rows, columns), (down, across) = layer.kernel_size, layer.stride
    square = rows == columns and down == across
    return square and layer.padding == (0, 0) and layer.dilation == (1, 1) and layer.groups == 1


def _first(layer: nn.Conv2d, screens: torch.Tensor, scale: Scale) -> _Maps | None:
    """The layer's maps of `screens`; None where too much of them differs, or their lines are not whole words."""
    rows, stride = layer.kernel_size[0], layer.stride[0]
    batch, channels, height, width = screens.shape
    if width * channels % _WORD:
        return None
    x = screens.permute(0, 2, 3, 1).contiguous().numpy().reshape(batch, height, -1)  # [B, H, W * C]
    b = _median_of_nine(x)  # [H, W * C]
    words, word = x.view(np.uint64), b.view(np.uint64)
    wide, span = stride * channels // _WORD, rows // stride

    def mark(i: int, j: int, marked: np.ndarray, counts: np.ndarray) -> None:
        mark_screens(words, word, i, j, stride, wide, span, marked, counts)

    numbered = _number(layer, batch, height, width, mark, _MOST)
    if numbered is None:
        return None
    row, place, point = numbered
    dtype = torch.bfloat16 if in_bfloat16() else torch.float32
    patches = _empty(len(place), rows * rows * channels, dtype)
    out = memory_of(patches)
    _spread(lambda i, j: gather_screens(x, b, i, j, row, rows, stride, out), batch)
    background = torch.from_numpy(b.reshape(height, width, channels).astype(np.float32))
    other = patches @ (_matrix(layer) * scale.factor)
    return _Maps(_still(layer, scale(background.permute(2, 0, 1)[None])), other[: len(place)], place, point, row)


def _next(layer: nn.Conv2d, maps: _Maps) -> _Maps:
    """The maps of a layer after the first."""
    rows, stride = layer.kernel_size[0], layer.stride[0]
    batch, height, width = maps.row.shape

    def mark(i: int, j: int, marked: np.ndarray, counts: np.ndarray) -> None:
        mark_maps(maps.row, i, j, rows, stride, marked, counts)

    numbered = _number(layer, batch, height, width, mark)
    assert numbered is not None
    row, place, point = numbered
    patches: torch.Tensor = _Gather.apply(maps.other, maps.row, row, len(place), rows, stride)  # type: ignore[no-untyped-call]
    still = _still(layer, maps.still.T.reshape(1, -1, height, width))
    return _Maps(still, (patches @ _matrix(layer))[: len(place)], place, point, row)


def _relu(maps: _Maps) -> _Maps:
    still, other = _Relu.apply(maps.still, maps.other, maps.point)  # type: ignore[no-untyped-call]
    return replace(maps, still=still, other=other)


def _whole(maps: _Maps) -> torch.Tensor:
    """[B, K, P, Q], channels last in memory."""
    batch, high, wide = maps.row.shape
    out = maps.still.to(maps.other.dtype).repeat(batch, 1).index_add(0, maps.place, maps.other)  # [B * P * Q, K]
    return out.view(batch, high, wide, -1).permute(0, 3, 1, 2)


class _Relu(torch.autograd.Function):
    """`still` [P * Q, K] and `other` [N, K] after a ReLU r: r(still), r(still + other) - r(still) at `point` [N]."""

    @staticmethod
    def forward(
        ctx: Any, still: torch.Tensor, other: torch.Tensor, point: np.ndarray
    ) -> tuple[torch.Tensor, torch.Tensor]:
        ctx.save_for_backward(still, other)
        ctx.point = point
        rectified = torch.empty_like(other)
        maps = (still.detach().numpy(), memory_of(other.detach()), point, memory_of(rectified))
        _spread(lambda i, j: rectify(*maps, i, j), len(point), _ROWS)
        return still.relu(), rectified

    @staticmethod
    def backward(ctx: Any, still_slopes: torch.Tensor, other_slopes: torch.Tensor) -> Any:  # type: ignore[override]
        still, other = ctx.saved_tensors
        slopes = torch.empty_like(other)
        maps = (still.numpy(), memory_of(other), ctx.point, memory_of(other_slopes.contiguous()), memory_of(slopes))
        sums: dict[int, np.ndarray] = {}  # slopes of `still` by slice: added in order, so always the same

        def work(start: int, stop: int) -> None:
            sums[start] = np.zeros(still.shape, np.float32)
            rectify_slopes(*maps, start, stop, sums[start])

        _spread(work, len(other), _ROWS)
        through = torch.from_numpy(np.add.reduce([sums[start] for start in sorted(sums)]))
        return still_slopes * (still > 0) + through, slopes, None


class _Gather(torch.autograd.Function):
    """Patches [N, rows * rows * C] of maps that differ from the background in `other` [., C]."""

    @staticmethod
    def forward(
        ctx: Any, other: torch.Tensor, source: np.ndarray, row: np.ndarray, count: int, rows: int, stride: int
    ) -> torch.Tensor:
        ctx.shape, ctx.geometry = other.shape, (source, row, rows, stride)
        patches = _empty(count, rows * rows * other.shape[1], other.dtype)
        values, out = memory_of(other.detach()), memory_of(patches)
        _spread(lambda i, j: gather_maps(values, source, i, j, row, rows, stride, out), len(row))
        return patches

    @staticmethod
    def backward(ctx: Any, slopes: torch.Tensor) -> Any:  # type: ignore[override]
        source, row, rows, stride = ctx.geometry
        given, out = memory_of(slopes.contiguous()), np.zeros(ctx.shape, np.float32)
        _spread(lambda i, j: scatter_maps(given, source, i, j, row, rows, stride, out), len(row))
        return torch.from_numpy(out).to(slopes.dtype), None, None, None, None, None


def _empty(count: int, size: int, dtype: torch.dtype) -> torch.Tensor:
    """[at least count, size]; the rows from `count` on are zero.

    oneDNN makes a kernel for every shape that it has not met: for a matrix product of this size, that takes longer
    than the product. So of the numbers of patches, which differ from batch to batch, it sees sixteen an octave.
    """
    apart = 1 << max(0, count.bit_length() - 5)
    rows = -(-count // apart) * apart
    patches = torch.empty(rows, size, dtype=dtype)
    patches[count:] = 0
    return patches


def _number(
    layer: nn.Conv2d,
    batch: int,
    height: int,
    width: int,
    mark: Callable[[int, int, np.ndarray, np.ndarray], None],
    most: float = 1.0,
) -> tuple[np.ndarray, torch.Tensor, np.ndarray] | None:
    """Number the patches that `mark` finds: `row`, `place` and `point` of _Maps; None for more than `most`."""
    rows, stride = layer.kernel_size[0], layer.stride[0]
    marked = np.empty((batch, (height - rows) // stride + 1, (width - rows) // stride + 1), np.bool_)
    counts = np.empty(batch, np.int64)
    _spread(lambda i, j: mark(i, j, marked, counts), batch)
    if counts.sum() > most * marked.size:
        return None
    first, row = np.cumsum(counts) - counts, np.empty(marked.shape, np.int32)
    place, point = np.empty(counts.sum(), np.int64), np.empty(counts.sum(), np.int32)
    _spread(lambda i, j: number(marked, first, i, j, row, place, point), batch)
    return row, torch.from_numpy(place), point


def _spread(work: Callable[[int, int], None], rows: int, smallest: int = 32) -> None:
    spread(work, rows, torch.get_num_threads(), smallest)


def _matrix(layer: nn.Conv2d) -> torch.Tensor:
    """The weights as [rows * rows * C, K], in the order of the patches."""
    return layer.weight.permute(2, 3, 1, 0).flatten(0, 2)


def _still(layer: nn.Conv2d, background: torch.Tensor) -> torch.Tensor:
    """The layer's maps of one background [1, C, H, W] as [P * Q, K], in float32: oneDNN's are slower for one screen."""
    with torch.autocast("cpu", enabled=False):
        patches = functional.unfold(background, layer.kernel_size, stride=layer.stride)[0].T  # [P * Q, C * rows * rows]
        return functional.linear(patches, layer.weight.flatten(1), layer.bias)


def _median_of_nine(x: np.ndarray) -> np.ndarray:
    """Nearly the median, byte by byte, of nine evenly spaced `x` [B, ...]: the median of three medians of three."""
    taken = [x[len(x) * i // 9] for i in range(9)]
    return _median(*(_median(*taken[i::3]) for i in range(3)))


def _median(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    middle: np.ndarray = np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))
    return middle
