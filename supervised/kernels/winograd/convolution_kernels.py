"""Kernels of convolution.py: a convolution and the gradient of its transformed weights.

A few pictures at a time go through all steps, in memory that fits into a core's cache.
"""

from __future__ import annotations

import numpy as np

from supervised.kernels.bfloat16 import rounded, widened
from supervised.kernels.winograd.tiles import BEYOND, LANES, gradient_tile, plain_output_tile, product
from supervised.kernels.winograd.tower import products, to_tiles
from tengen.jit import inlined, kernel, routine

_TILES = 6000  # tiles times channels processed at once: their 25 matrices stay within half a megabyte …
_LEAST = 54  # … but at least this many tiles; otherwise the weights of many channels are read too often


@inlined
def at_once(tiles, channels, pictures):
    """How many of `pictures`, with `tiles` tiles each, go through all steps together."""
    return min(max(1, _TILES // (tiles * channels), _LEAST // tiles), pictures)


@inlined
def load(x, start, boards, out):
    """Copy the pictures of `x` [B, H, W, C] from `start` on into `out` [N, P, Q, C], inside its border of zeros.

    `out` is float32; `x` is float32 or the bits of bfloat16.
    """
    bits = out.view(np.uint32)
    for b in range(boards):
        for i in range(x.shape[1]):
            for j in range(x.shape[2]):
                if x.itemsize == 2:
                    for c in range(x.shape[3]):
                        bits[b, i + 1, j + 1, c] = widened(x[start + b, i, j, c])
                else:
                    for c in range(x.shape[3]):
                        out[b, i + 1, j + 1, c] = x[start + b, i, j, c]


@inlined
def store(x, start, boards, out):
    """The reverse of `load`; rounds to the nearest bfloat16, ties to even."""
    bits = x.view(np.uint32)
    for b in range(boards):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                if out.itemsize == 2:
                    for c in range(out.shape[3]):
                        out[start + b, i, j, c] = rounded(bits[b, i + 1, j + 1, c])
                else:
                    for c in range(out.shape[3]):
                        out[start + b, i, j, c] = x[b, i + 1, j + 1, c]


@inlined
def plain_from_tiles(m, y, boards):
    """y = A' M A of every tile: `m` [25, R, K], `y` [N, P, Q, K]."""
    high, wide, channels = y.shape[1], y.shape[2], y.shape[3]
    down, across = high // 3, wide // 3
    for b in range(boards):
        for ty in range(down):
            for tx in range(across):
                at = ((b * high + 3 * ty + 1) * wide + 3 * tx + 1) * channels
                to = ((b * down + ty) * across + tx) * channels
                for c in range(0, channels, LANES):
                    plain_output_tile(m, to + c, m.shape[1] * channels, y, at + c, wide * channels, channels)


@inlined
def gradient_to_tiles(y, m, boards):
    """M = A y A' of every tile: the reverse of `plain_from_tiles`."""
    high, wide, channels = y.shape[1], y.shape[2], y.shape[3]
    down, across = high // 3, wide // 3
    for b in range(boards):
        for ty in range(down):
            for tx in range(across):
                at = ((b * high + 3 * ty + 1) * wide + 3 * tx + 1) * channels
                to = ((b * down + ty) * across + tx) * channels
                for c in range(0, channels, LANES):
                    gradient_tile(y, at + c, wide * channels, channels, m, to + c, m.shape[1] * channels)


@routine
def add_products(v, m, rows, du):
    """dU += V' M for each of the 25 matrices: `v` [25, R, C], `m` [25, R, K], `du` [25, C', K], C' >= C + BEYOND."""
    channels, outputs = v.shape[2], m.shape[2]
    for k in range(25):
        left, right, to = k * v.shape[1] * channels, k * m.shape[1] * outputs, k * du.shape[1] * outputs
        product(v, left, 1, channels, channels, m, right, outputs, rows, du, to, outputs, outputs, True)


@kernel
def convolve(x, start, stop, u, y):
    """y = x * w for pictures [start, stop): `x` [B, H, W, C], `u` [1, 25, C, K], `y` [B, H, W, K].

    `x` and `y` are float32 or the bits of bfloat16; everything in between is float32.
    """
    down, across = (x.shape[1] + 2) // 3, (x.shape[2] + 2) // 3
    most = at_once(down * across, x.shape[3] + y.shape[3], stop - start)
    room = most * down * across + BEYOND + 1  # the 1: as in tower.py
    high, wide = 3 * down + 2, 3 * across + 2
    bordered = np.zeros((most, high, wide, x.shape[3]), np.float32)
    result = np.empty((most, high, wide, y.shape[3]), np.float32)
    v = np.zeros((25, room, x.shape[3]), np.float32)
    m = np.empty((25, room, y.shape[3]), np.float32)
    _convolve(x, start, stop, u, y, bordered, result, v, m)


@inlined
def _convolve(x, start, stop, u, y, bordered, result, v, m):
    tiles = (bordered.shape[1] // 3) * (bordered.shape[2] // 3)
    for begin in range(start, stop, bordered.shape[0]):
        n = min(bordered.shape[0], stop - begin)
        load(x, begin, n, bordered)
        to_tiles(bordered, v, n)
        products(v, u, 0, m, n * tiles)
        plain_from_tiles(m, result, n)
        store(result, begin, n, y)


@kernel
def add_gradient(x, dy, start, stop, du):
    """du += the gradient from pictures [start, stop): `x` [B, H, W, C], `dy` [B, H, W, K], `du` [25, C', K]."""
    down, across = (x.shape[1] + 2) // 3, (x.shape[2] + 2) // 3
    most = at_once(down * across, x.shape[3] + dy.shape[3], stop - start)
    room = most * down * across + 1  # reads past the end of the last rows, by less than a row
    high, wide = 3 * down + 2, 3 * across + 2
    bordered = np.zeros((most, high, wide, x.shape[3]), np.float32)
    result = np.zeros((most, high, wide, dy.shape[3]), np.float32)
    v = np.zeros((25, room, x.shape[3]), np.float32)
    m = np.empty((25, room, dy.shape[3]), np.float32)
    _add_gradient(x, dy, start, stop, du, bordered, result, v, m)


@inlined
def _add_gradient(x, dy, start, stop, du, bordered, result, v, m):
    tiles = (bordered.shape[1] // 3) * (bordered.shape[2] // 3)
    for begin in range(start, stop, bordered.shape[0]):
        n = min(bordered.shape[0], stop - begin)
        load(x, begin, n, bordered)
        to_tiles(bordered, v, n)
        load(dy, begin, n, result)
        gradient_to_tiles(result, m, n)
        add_products(v, m, n * tiles, du)
