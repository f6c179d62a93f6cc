"""Kernel of rollout.py: four frames of a screen, one after the other, become four channels of each pixel."""

from __future__ import annotations

from tengen.jit import kernel


@kernel
def interleave_four(frames, out):  # type: ignore[no-untyped-def]
    """Bytes [B, 4, P] become `out` [B, P * 4]."""
    for b in range(len(frames)):
        first, second, third, fourth, to = frames[b, 0], frames[b, 1], frames[b, 2], frames[b, 3], out[b]
        for p in range(len(first)):
            to[4 * p] = first[p]
            to[4 * p + 1] = second[p]
            to[4 * p + 2] = third[p]
            to[4 * p + 3] = fourth[p]
