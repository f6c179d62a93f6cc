"""A tower for playing, on CPUs: 3x3 convolutions by Winograd's algorithm.

Lavin, Gray 2015 (arXiv:1509.09308): a tile of 3x3 outputs is computed from 5x5 inputs with 25 multiplications per
pair of channels instead of 81,

    Y = A' [ (G g G') * (B' d B) ] A        F(3x3, 3x3), points 0, 1, -1, 2, infinity

so a convolution becomes 25 matrix products over channels. Tiles of three fit boards of 9 and 3, 6, 12, 15, 18 exactly.
Bias, residual and ReLU are applied while the outputs are in registers. Each thread takes a few boards through all
layers, so that activations stay in its cache.

Measured: docs/results/speed.md. Rounding differs from the direct form by about 1e-5 of a value.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from supervised.kernels.winograd.tiles import BEYOND, COLUMNS, LANES, input_tile, output_tile, product
from supervised.nets.headed import HeadedNet
from supervised.nets.tower import BoardFeatures, PoolBias, Tower, TowerBlock
from tengen.device import Compute
from tengen.jit import inlined, kernel, routine, spread

# G of F(3, 3) for the points 0, 1, -1, 2 and infinity; B' and A' are in tiles.py.
G = np.array([[1 / 2, 0, 0], [-1 / 2, -1 / 2, -1 / 2], [-1 / 6, 1 / 6, -1 / 6], [1 / 6, 1 / 3, 2 / 3], [0, 0, 1]])
_BOARDS = 8  # boards that a thread takes through all layers at once
_APART = 1  # rows between the 25 matrices: without them, all would map to the same cache lines


@inlined
def to_tiles(x, v, boards):
    """V = B' d B of every tile: `x` [N, P, Q, C] with a border of zeros, `v` [25, R, C]."""
    high, wide, channels = x.shape[1], x.shape[2], x.shape[3]
    down, across = high // 3, wide // 3  # tiles; the border is two rows and columns wide
    for b in range(boards):
        for ty in range(down):
            for tx in range(across):
                at = ((b * high + 3 * ty) * wide + 3 * tx) * channels
                to = ((b * down + ty) * across + tx) * channels
                for c in range(0, channels, LANES):
                    input_tile(x, at + c, wide * channels, channels, v, to + c, v.shape[1] * channels)


@inlined
def from_tiles(m, bias, y, boards, residual):
    """y = relu(A' M A + bias [+ y]) of every tile: `m` [25, R, K], `bias` [N, K], `y` [N, P, Q, K]."""
    high, wide, channels = y.shape[1], y.shape[2], y.shape[3]
    down, across = high // 3, wide // 3
    for b in range(boards):
        for ty in range(down):
            for tx in range(across):
                at = ((b * high + 3 * ty + 1) * wide + 3 * tx + 1) * channels
                to = ((b * down + ty) * across + tx) * channels
                for c in range(0, channels, LANES):
                    output_tile(
                        m,
                        to + c,
                        m.shape[1] * channels,
                        bias,
                        b * channels + c,
                        y,
                        at + c,
                        wide * channels,
                        channels,
                        residual,
                    )


@routine
def products(v, u, layer, m, rows):
    """M = V U for each of the 25 matrices: `v` [25, R, C], `u` [L, 25, C, K] at `layer`, `m` [25, R, K]."""
    channels, outputs = u.shape[2], u.shape[3]
    for k in range(25):
        at, weights = k * v.shape[1], (layer * 25 + k) * channels * outputs
        product(
            v,
            at * channels,
            channels,
            1,
            rows,
            u,
            weights,
            outputs,
            channels,
            m,
            at * outputs,
            outputs,
            outputs,
            False,
        )


@inlined
def clear_overhang(y, boards, height, width):
    """Zero where the last tiles extend beyond the board: this is the border for the next convolution."""
    if y.shape[1] == height + 2 and y.shape[2] == width + 2:
        return
    for b in range(boards):
        for i in range(1, y.shape[1] - 1):
            for j in range(1, y.shape[2] - 1):
                if i > height or j > width:
                    for c in range(y.shape[3]):
                        y[b, i, j, c] = 0


@inlined
def load_planes(planes, start, boards, factors, x):
    """Load planes [B, H, W, C] int8 of boards from `start` on, times their factors, into `x` [N, P, Q, C]."""
    for b in range(boards):
        for i in range(planes.shape[1]):
            for j in range(planes.shape[2]):
                for c in range(planes.shape[3]):
                    x[b, i + 1, j + 1, c] = planes[start + b, i, j, c] * factors[c]


@inlined
def pool_bias(g, boards, height, width, weight, bias, base, out):
    """out = base + bias + weight @ (mean, mean (edge - 14) / 10, max) of `g` [N, P, Q, K] over the board's points.

    A board's edge is the square root of its number of points.
    """
    points = height * width
    edge = np.float32((np.sqrt(points) - 14) / 10)
    pooled = weight.shape[1] // 3
    for b in range(boards):
        for k in range(out.shape[1]):
            out[b, k] = base[k] + bias[k]
        for c in range(pooled):
            mean, most = np.float32(0), g[b, 1, 1, c]
            for i in range(1, height + 1):
                for j in range(1, width + 1):
                    mean += g[b, i, j, c]
                    most = max(most, g[b, i, j, c])
            mean /= points
            scaled = mean * edge
            for k in range(out.shape[1]):
                out[b, k] += weight[k, c] * mean + weight[k, pooled + c] * scaled + weight[k, 2 * pooled + c] * most


@kernel
def run_tower(planes, start, stop, factors, stem, first, second, pools, pool_at, out):
    """Run boards [start, stop) of `planes` [B, H, W, C] through the tower into `out` [B, H, W, K].

    `stem`, `first`, `second` are (U, bias): U [1, 25, C, K] of the stem, [L, 25, K, K] of the blocks; `pools` is
    (U [M, 25, K, P], its bias [M, P], weight [M, K, 3 Q], bias [M, K]), where Q of the P channels are not padding;
    `pool_at` [L]: the index into `pools`, -1 for none. Channels are zero-padded to whole vectors.
    """
    channels = out.shape[3]
    down, across = (planes.shape[1] + 2) // 3, (planes.shape[2] + 2) // 3
    high, wide = 3 * down + 2, 3 * across + 2
    most = min(_BOARDS, stop - start)
    inputs, pooled = stem[0].shape[2], pools[0].shape[3]
    x = np.zeros((most, high, wide, inputs), np.float32)
    y = np.zeros((most, high, wide, channels), np.float32)
    z = np.zeros((most, high, wide, channels), np.float32)
    g = np.zeros((most, high, wide, pooled), np.float32)
    room = most * down * across + BEYOND + _APART
    v0 = np.zeros((25, room, inputs), np.float32)
    v = np.zeros((25, room, channels), np.float32)
    m = np.zeros((25, room, channels), np.float32)
    mp = np.zeros((25, room, pooled), np.float32)
    shift = np.zeros((most, channels), np.float32)
    shift_pool = np.zeros((most, pooled), np.float32)
    _run_tower(
        planes,
        start,
        stop,
        factors,
        stem,
        first,
        second,
        pools,
        pool_at,
        out,
        x,
        y,
        z,
        g,
        v0,
        v,
        m,
        mp,
        shift,
        shift_pool,
    )


@inlined
def _run_tower(
    planes, start, stop, factors, stem, first, second, pools, pool_at, out, x, y, z, g, v0, v, m, mp, shift, shift_pool
):
    height, width, channels = planes.shape[1], planes.shape[2], out.shape[3]
    tiles = (y.shape[1] // 3) * (y.shape[2] // 3)  # of a board
    most = y.shape[0]
    for begin in range(start, stop, most):
        n = min(most, stop - begin)
        rows = n * tiles
        load_planes(planes, begin, n, factors, x)
        to_tiles(x, v0, n)
        products(v0, stem[0], 0, m, rows)
        _spread(stem[1][0], shift)
        from_tiles(m, shift, y, n, False)
        clear_overhang(y, n, height, width)
        for layer in range(pool_at.size):
            to_tiles(y, v, n)
            p = pool_at[layer]
            if p >= 0:
                products(v, pools[0], p, mp, rows)
                _spread(pools[1][p], shift_pool)
                from_tiles(mp, shift_pool, g, n, False)
                pool_bias(g, n, height, width, pools[2][p], pools[3][p], first[1][layer], shift)
            else:
                _spread(first[1][layer], shift)
            products(v, first[0], layer, m, rows)
            from_tiles(m, shift, z, n, False)
            clear_overhang(z, n, height, width)
            to_tiles(z, v, n)
            products(v, second[0], layer, m, rows)
            _spread(second[1][layer], shift)
            from_tiles(m, shift, y, n, True)
            clear_overhang(y, n, height, width)
        for b in range(n):
            for i in range(height):
                for j in range(width):
                    for c in range(channels):
                        out[begin + b, i, j, c] = y[b, i + 1, j + 1, c]


@inlined
def _spread(bias, out):
    """The same bias [K] for every board of `out` [N, K]."""
    for b in range(out.shape[0]):
        for k in range(out.shape[1]):
            out[b, k] = bias[k]


class WinogradTower(nn.Module):
    """A folded, unmasked `Tower` in evaluation mode. [B, C, H, W] int8 planes -> `BoardFeatures`."""

    def __init__(self, tower: Tower, threads: int) -> None:
        super().__init__()
        if tower.masked:
            raise ValueError("boards of several sizes in one batch: use the tower itself")
        self.threads, self.out_shape = threads, tower.out_shape
        blocks: list[TowerBlock] = list(tower.blocks)  # type: ignore[arg-type]
        width = tower.out_shape[0]
        if width % COLUMNS:
            raise ValueError(f"{width} channels: must be a multiple of {COLUMNS}")
        self.factors = tower.planes.factor.flatten().numpy().copy()
        self.stem = _stack([_weights(tower.stem)])
        self.first = _stack([_weights(block.first) for block in blocks])
        self.second = _stack([_weights(block.second) for block in blocks])
        pools: list[PoolBias] = [block.pool for block in blocks if block.pool is not None]
        self.pool_at = np.cumsum([block.pool is not None for block in blocks]) - 1
        self.pool_at[[block.pool is None for block in blocks]] = -1
        if pools:
            u, bias = _stack([_weights(pool.conv) for pool in pools])
            weight = np.stack([pool.linear.weight.detach().numpy() for pool in pools])
            self.pools = (u, bias, weight, np.stack([pool.linear.bias.detach().numpy() for pool in pools]))
        else:
            none = np.zeros((0, COLUMNS), np.float32)
            self.pools = (
                np.zeros((0, 25, width, COLUMNS), np.float32),
                none,
                np.zeros((0, width, 3), np.float32),
                none,
            )

    def forward(self, planes: torch.Tensor) -> BoardFeatures:
        x = planes.permute(0, 2, 3, 1).contiguous().numpy()  # [B, H, W, C]
        out = np.empty((*x.shape[:3], self.out_shape[0]), np.float32)
        spread(
            lambda i, j: run_tower(
                x, i, j, self.factors, self.stem, self.first, self.second, self.pools, self.pool_at, out
            ),
            len(x),
            self.threads,
            _BOARDS,
        )
        return BoardFeatures(torch.from_numpy(out).permute(0, 3, 1, 2), None)


def _weights(conv: nn.Module) -> tuple[np.ndarray, np.ndarray]:
    """(U = G g G' [25, C, K], bias [K]) of a folded 3x3 convolution, zero-padded to whole vectors."""
    assert isinstance(conv, nn.Conv2d) and conv.bias is not None
    g = conv.weight.detach().double().cpu().numpy()  # [K, C, 3, 3]
    outputs, inputs = -(-g.shape[0] // COLUMNS) * COLUMNS, -(-g.shape[1] // LANES) * LANES
    u = np.zeros((25, inputs, outputs), np.float32)
    u[:, : g.shape[1], : g.shape[0]] = np.einsum("ia,kcab,jb->ijck", G, g, G).reshape(25, g.shape[1], g.shape[0])
    bias = np.zeros(outputs, np.float32)
    bias[: g.shape[0]] = conv.bias.detach().cpu().numpy()
    return u, bias


def _stack(layers: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    return np.stack([u for u, _ in layers]), np.stack([bias for _, bias in layers])


def with_winograd(net: HeadedNet, threads: int) -> HeadedNet:
    """`net`, folded (supervised/kernels/fold.py), with its tower replaced, on a CPU."""
    assert isinstance(net.trunk, Tower)
    net.trunk = WinogradTower(net.trunk, threads)
    return net


def can_winograd(net: HeadedNet, compute: Compute) -> bool:
    """Whether `net` has a suitable tower. With bfloat16 the tower still computes in float32, the heads do not."""
    trunk = net.trunk
    return isinstance(trunk, Tower) and trunk.out_shape[0] % COLUMNS == 0 and compute.device == "cpu"
