"""Screens as a convolution in bfloat16 reads them, in one pass over memory."""

from __future__ import annotations

import numpy as np

from supervised.kernels.bfloat16 import rounded
from tengen.jit import kernel


@kernel
def scale_to_bfloat16(screens, start, stop, centre, factor, out):  # type: ignore[no-untyped-def]
    """out = (screens - centre) * factor, computed in float32 and rounded to the nearest bfloat16, ties to even.

    `screens` [B, N] are bytes, `centre` [N] and `factor` float32; `out` [B, N] holds the bits of the bfloat16.
    """
    values = np.empty(len(centre), np.float32)
    bits = values.view(np.uint32)
    for b in range(start, stop):
        here, there = screens[b], out[b]
        for i in range(len(centre)):
            values[i] = (np.float32(here[i]) - centre[i]) * factor
        for i in range(len(centre)):
            there[i] = rounded(bits[i])
