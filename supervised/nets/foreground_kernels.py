"""Kernels of foreground.py: which patches differ from the background, and what is in them."""

from __future__ import annotations

import numpy as np

from tengen.jit import inlined, kernel


@kernel
def mark_screens(words, background, start, stop, high, wide, span, marked, counts):  # type: ignore[no-untyped-def]
    """Which patches of screens `start` to `stop` hold anything but the background, and how many of each screen.

    `words` [B, H, W] and `background` [H, W] hold eight bytes a word. A block is one stride wide and high: `high`
    rows of `wide` words; a patch has `span` blocks a side. Fills `marked` [B, P, Q] and `counts` [B].
    """
    down, across = marked.shape[1] + span - 1, marked.shape[2] + span - 1
    line = np.empty(across * wide, words.dtype)  # where a row of blocks differs
    blocks = np.empty((down, across), np.bool_)
    for b in range(start, stop):
        for i in range(down):
            line[:] = 0
            for y in range(i * high, (i + 1) * high):
                for x in range(len(line)):
                    line[x] |= words[b, y, x] ^ background[y, x]
            for j in range(across):
                blocks[i, j] = False
                for x in range(j * wide, (j + 1) * wide):
                    blocks[i, j] |= line[x] != 0
        counts[b] = _mark(blocks, span, 1, marked[b])


@kernel
def mark_maps(row, start, stop, span, stride, marked, counts):  # type: ignore[no-untyped-def]
    """The same of maps: `row` [B, H, W] is not negative where a map differs; patches of `span` points a side."""
    for b in range(start, stop):
        counts[b] = _mark(row[b] >= 0, span, stride, marked[b])


@inlined
def _mark(points, span, stride, marked):  # type: ignore[no-untyped-def]
    """Mark the patches that hold any of `points` [H, W]; how many there are."""
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
def number(marked, first, start, stop, row, place):  # type: ignore[no-untyped-def]
    """Count the marked patches [B, P, Q] through, those of screen b from first[b] on.

    Fills `row` [B, P, Q] with their numbers, -1 where there is none, and `place` [N] with where they are in B * P * Q.
    """
    for b in range(start, stop):
        n = first[b]
        for i in range(marked.shape[1]):
            for j in range(marked.shape[2]):
                row[b, i, j] = n if marked[b, i, j] else -1
                if marked[b, i, j]:
                    place[n] = (b * marked.shape[1] + i) * marked.shape[2] + j
                    n += 1


@kernel
def gather_screens(screens, background, start, stop, row, rows, stride, out):  # type: ignore[no-untyped-def]
    """The numbered patches of screens `start` to `stop`, minus the background.

    `screens` [B, H, W * C] and `background` [H, W * C] are bytes; a patch has `rows` rows of rows * C bytes, which
    come one after the other in `out` [N, rows * rows * C]: float32, or the bits of bfloat16, which has all of them.
    """
    length = out.shape[1] // rows  # bytes a row of a patch
    step = length // rows * stride  # bytes from one patch to the next
    values = np.empty(length, np.float32)
    bits = values.view(np.uint32)
    for b in range(start, stop):
        for i in range(row.shape[1]):
            for j in range(row.shape[2]):
                n = row[b, i, j]
                if n >= 0:
                    for y in range(rows):  # slices: indices in full keep the compiler from vectors
                        here = screens[b, i * stride + y, j * step : j * step + length]
                        there = background[i * stride + y, j * step : j * step + length]
                        line = out[n, y * length : (y + 1) * length]
                        for x in range(length):
                            values[x] = np.float32(here[x]) - np.float32(there[x])
                        for x in range(length):
                            line[x] = np.int16(bits[x] >> np.uint32(16)) if out.itemsize == 2 else values[x]


@kernel
def gather_maps(values, source, start, stop, row, rows, stride, out):  # type: ignore[no-untyped-def]
    """The numbered patches of maps: `values` [N, C] of the points that `source` [B, H, W] numbers, 0 elsewhere."""
    channels = values.shape[1]
    for b in range(start, stop):
        for i in range(row.shape[1]):
            for j in range(row.shape[2]):
                n = row[b, i, j]
                if n >= 0:
                    for y in range(rows):
                        for x in range(rows):
                            k, to = source[b, i * stride + y, j * stride + x], (y * rows + x) * channels
                            point = out[n, to : to + channels]
                            if k >= 0:
                                point[:] = values[k]
                            else:
                                point[:] = 0


@kernel
def scatter_maps(slopes, source, start, stop, row, rows, stride, out):  # type: ignore[no-untyped-def]
    """The reverse of `gather_maps`: adds `slopes` [N, rows * rows * C] of the patches to those of the points, `out`.

    `slopes` are float32 or the bits of bfloat16, `out` [N, C] float32.
    """
    channels = out.shape[1]
    values = np.empty(channels, np.float32)
    bits = values.view(np.uint32)
    for b in range(start, stop):
        for i in range(row.shape[1]):
            for j in range(row.shape[2]):
                n = row[b, i, j]
                if n >= 0:
                    for y in range(rows):
                        for x in range(rows):
                            k, at = source[b, i * stride + y, j * stride + x], (y * rows + x) * channels
                            if k >= 0:
                                point, slope = out[k], slopes[n, at : at + channels]
                                if slopes.itemsize == 2:
                                    for c in range(channels):
                                        bits[c] = np.uint32(np.uint16(slope[c])) << np.uint32(16)
                                    for c in range(channels):
                                        point[c] += values[c]
                                else:
                                    for c in range(channels):
                                        point[c] += slope[c]
