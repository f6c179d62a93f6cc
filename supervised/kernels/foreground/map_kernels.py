"""Kernels of maps.py: which patches differ from the background, and by how much."""

from __future__ import annotations

import numpy as np

from supervised.kernels.bfloat16 import rounded, widened
from tengen.jit import inlined, kernel

_BLOCK = 64  # rows at once: a loop over a single row is too short to vectorise


@kernel
def mark_screens(words, background, start, stop, high, wide, span, marked, counts):  # type: ignore[no-untyped-def]
    """Mark the patches of screens `start` to `stop` that differ from the background, and count them per screen.

    `words` [B, H, W] and `background` [H, W] hold eight bytes per word. A block is one stride wide and high: `high`
    rows of `wide` words; a patch is `span` blocks wide and high. Fills `marked` [B, P, Q] and `counts` [B].
    """
    down, across = marked.shape[1] + span - 1, marked.shape[2] + span - 1
    line = np.empty(across * wide, words.dtype)  # differences within a row of blocks
    blocks = np.empty((down, across), np.bool_)
    for b in range(start, stop):
        for i in range(down):
            line[:] = 0
            for y in range(i * high, (i + 1) * high):
                here, there = words[b, y, : len(line)], background[y, : len(line)]
                for x in range(len(line)):
                    line[x] |= here[x] ^ there[x]
            for j in range(across):
                blocks[i, j] = False
                for x in range(j * wide, (j + 1) * wide):
                    blocks[i, j] |= line[x] != 0
        counts[b] = _mark(blocks, span, 1, marked[b])


@kernel
def mark_maps(row, start, stop, span, stride, marked, counts):  # type: ignore[no-untyped-def]
    """The same for maps: `row` [B, H, W] is at least 0 where a map differs; a patch is `span` points wide and high."""
    for b in range(start, stop):
        counts[b] = _mark(row[b] >= 0, span, stride, marked[b])


@inlined
def _mark(points, span, stride, marked):  # type: ignore[no-untyped-def]
    """Mark the patches that contain any of `points` [H, W]; returns how many."""
    count = 0
    for i in range(marked.shape[0]):
        for j in range(marked.shape[1]):
            seen = False
            for di in range(span):
                for dj in range(span):
                    seen |= points[i * stride + di, j * stride + dj]
            marked[i, j] = seen
            count += seen
    return count


@kernel
def number(marked, first, start, stop, row, place, point):  # type: ignore[no-untyped-def]
    """Number the marked patches [B, P, Q], starting at first[b] for screen b.

    Fills `row` [B, P, Q] with their numbers, -1 elsewhere, and `place` [N] and `point` [N] with their positions in
    B * P * Q and in P * Q.
    """
    for b in range(start, stop):
        n = first[b]
        for i in range(marked.shape[1]):
            for j in range(marked.shape[2]):
                row[b, i, j] = n if marked[b, i, j] else -1
                if marked[b, i, j]:
                    point[n] = i * marked.shape[2] + j
                    place[n] = b * marked[b].size + point[n]
                    n += 1


@kernel
def gather_screens(screens, background, start, stop, row, rows, stride, out):  # type: ignore[no-untyped-def]
    """The numbered patches of screens `start` to `stop`, minus the background.

    `screens` [B, H, W * C] and `background` [H, W * C] are bytes; a patch has `rows` rows of rows * C bytes, stored
    consecutively in `out` [N, rows * rows * C]: float32, or the bits of bfloat16, which represents them exactly.
    """
    length = out.shape[1] // rows  # bytes in a row of a patch
    step = length // rows * stride  # bytes from one patch to the next
    values = np.empty(length, np.float32)
    for b in range(start, stop):
        for i in range(row.shape[1]):
            for j in range(row.shape[2]):
                n = row[b, i, j]
                if n >= 0:
                    for y in range(rows):  # slices: with full indices the compiler does not vectorise
                        here = screens[b, i * stride + y, j * step : j * step + length]
                        there = background[i * stride + y, j * step : j * step + length]
                        line = out[n, y * length : (y + 1) * length]
                        for x in range(length):
                            values[x] = np.float32(here[x]) - np.float32(there[x])
                        _store(values, line)


@kernel
def gather_maps(values, source, start, stop, row, rows, stride, out):  # type: ignore[no-untyped-def]
    """The numbered patches of maps: `values` [N, C] at the points numbered in `source` [B, H, W], 0 elsewhere."""
    channels, flat = values.shape[1], values.reshape(-1)
    for b in range(start, stop):
        for i in range(row.shape[1]):
            for j in range(row.shape[2]):
                n = row[b, i, j]
                if n >= 0:
                    to = 0
                    for y in range(rows):
                        x = 0
                        while x < rows:
                            k, run = _run(source[b, i * stride + y], j * stride + x, rows - x)
                            if k >= 0:
                                _copy(flat, k * channels, out[n], to, run * channels)
                            else:
                                out[n, to : to + run * channels] = 0
                            x, to = x + run, to + run * channels


@inlined
def _copy(source, at, out, to, count):  # type: ignore[no-untyped-def]
    for x in range(count):
        out[to + x] = source[at + x]


@inlined
def _run(line, at, most):  # type: ignore[no-untyped-def]
    """The number at `line[at]`, and the length of the run from there that counts up, or is all -1."""
    step, run = 1 if line[at] >= 0 else 0, 1
    while run < most and line[at + run] == line[at] + run * step:
        run += 1
    return line[at], run


@kernel
def scatter_maps(slopes, source, start, stop, row, rows, stride, out):  # type: ignore[no-untyped-def]
    """The reverse of `gather_maps`: adds the patches' gradients `slopes` [N, rows * rows * C] to the points', `out`.

    `slopes` are float32 or the bits of bfloat16, `out` [N, C] float32.
    """
    channels, flat = out.shape[1], out.reshape(-1)
    values = np.empty(rows * channels, np.float32)
    for b in range(start, stop):
        for i in range(row.shape[1]):
            for j in range(row.shape[2]):
                n = row[b, i, j]
                if n >= 0:
                    at = 0
                    for y in range(rows):
                        x = 0
                        while x < rows:
                            k, run = _run(source[b, i * stride + y], j * stride + x, rows - x)
                            if k >= 0:
                                _add(slopes[n], at, values, flat, k * channels, run * channels)
                            x, at = x + run, at + run * channels


@kernel
def rectify(still, other, point, out, start, stop):  # type: ignore[no-untyped-def]
    """Apply a ReLU r to rows `start` to `stop` of `other`: out = r(s + o) - r(s), with `still`'s row s at that point.

    `still` [P, K] float32; `other` and `out` [N, K] float32 or the bits of bfloat16; `point` [N] of P.
    """
    lines, values = np.empty((_BLOCK, still.shape[1]), np.float32), np.empty(_BLOCK * still.shape[1], np.float32)
    s = lines.reshape(-1)
    for n in range(start, stop, _BLOCK):
        count = min(_BLOCK, stop - n)
        size = count * still.shape[1]
        _pick(still, point[n : n + count], lines)
        _load(other[n : n + count].reshape(-1), values)
        for x in range(size):
            values[x] = max(s[x] + values[x], np.float32(0)) - max(s[x], np.float32(0))
        _store(values, out[n : n + count].reshape(-1))


@kernel
def rectify_slopes(still, other, point, slopes, out, start, stop, still_out):  # type: ignore[no-untyped-def]
    """The reverse: from `slopes` [N, K] of the result, those of `other` in `out`; those of `still` are summed."""
    lines, values = np.empty((_BLOCK, still.shape[1]), np.float32), np.empty(_BLOCK * still.shape[1], np.float32)
    s, g = lines.reshape(-1), np.empty_like(values)
    for n in range(start, stop, _BLOCK):
        count = min(_BLOCK, stop - n)
        size = count * still.shape[1]
        _pick(still, point[n : n + count], lines)
        _load(other[n : n + count].reshape(-1), values)
        _load(slopes[n : n + count].reshape(-1), g)
        for x in range(size):
            values[x] = g[x] if s[x] + values[x] > 0 else np.float32(0)
        for x in range(size):
            s[x] = values[x] - (g[x] if s[x] > 0 else np.float32(0))
        _store(values, out[n : n + count].reshape(-1))
        for i in range(count):
            to, line = still_out[point[n + i]], lines[i]
            for x in range(len(line)):
                to[x] += line[x]


@inlined
def _pick(table, index, out):  # type: ignore[no-untyped-def]
    """The rows `index` of `table`."""
    for n in range(len(index)):
        line, to = table[index[n]], out[n]
        for x in range(len(line)):
            to[x] = line[x]


@inlined
def _load(source, values):  # type: ignore[no-untyped-def]
    """Copy `source`, float32 or the bits of bfloat16, to the start of `values`, float32."""
    if source.itemsize == 2:
        bits = values.view(np.uint32)
        for x in range(len(source)):
            bits[x] = widened(source[x])
    else:
        for x in range(len(source)):
            values[x] = source[x]


@inlined
def _store(values, out):  # type: ignore[no-untyped-def]
    """The reverse of `_load`."""
    if out.itemsize == 2:
        bits = values.view(np.uint32)
        for x in range(len(out)):
            out[x] = rounded(bits[x])
    else:
        for x in range(len(out)):
            out[x] = values[x]


@inlined
def _add(source, at, values, out, to, count):  # type: ignore[no-untyped-def]
    """Add `count` numbers of `source`, float32 or the bits of bfloat16, to `out`; `values` is scratch memory."""
    _load(source[at : at + count], values)
    for x in range(count):
        out[to + x] += values[x]
