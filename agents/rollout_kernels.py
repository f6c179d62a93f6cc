"""Kernel of rollout.py: four frames of a screen, one after the other, become four channels of each pixel."""

from __future__ import annotations

import numpy as np

from tengen.jit import kernel


@kernel
def interleave_four(frames, out):  # type: ignore[no-untyped-def]
    """Bytes [B, 4, P] become `out` [B, P], four bytes a word; the first frame is the lowest byte, which comes first."""
    for b in range(len(frames)):
        first, second, third, fourth, to = frames[b, 0], frames[b, 1], frames[b, 2], frames[b, 3], out[b]
        for p in range(len(to)):
            low = np.uint32(first[p]) | (np.uint32(second[p]) << np.uint32(8))
            high = np.uint32(third[p]) | (np.uint32(fourth[p]) << np.uint32(8))
            to[p] = low | (high << np.uint32(16))
