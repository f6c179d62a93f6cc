"""bfloat16 in compiled kernels: numpy does not have it, so its bits are kept as 16-bit integers.

A bfloat16 is the upper half of a float32: the same sign and exponent, 8 of the 24 significant bits.
"""

from __future__ import annotations

import numpy as np
import torch

from tengen.jit import inlined


def in_bfloat16() -> bool:
    """Whether the next convolution on the CPU computes in bfloat16."""
    return torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") == torch.bfloat16


def memory_of(x: torch.Tensor) -> np.ndarray:
    """The memory of `x` as an array: float32, or int16 for the bits of bfloat16."""
    found: np.ndarray = (x.view(torch.int16) if x.dtype == torch.bfloat16 else x).numpy()
    return found


@inlined
def rounded(bits):  # type: ignore[no-untyped-def]
    """The bits of the bfloat16 nearest to the float32 with `bits` (uint32), ties to even."""
    return np.int16((bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16))


@inlined
def widened(bits):  # type: ignore[no-untyped-def]
    """The bits (uint32) of the float32 that the bfloat16 with `bits` (int16) is."""
    return np.uint32(np.uint16(bits)) << np.uint32(16)
