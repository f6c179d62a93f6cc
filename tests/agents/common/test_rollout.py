"""Observations come out of the buffer as they went in, channels-last in memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from agents.common.rollout import ObservationBuffer


@pytest.mark.parametrize("shape", [(4, 84, 84), (4, 7, 5), (3, 7, 5), (1, 8, 8)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_screens(shape: tuple[int, ...], dtype: type) -> None:
    """The usual four uint8 frames have their own kernel; everything else goes through torch."""
    buffer = ObservationBuffer(6, shape, np.dtype(dtype))
    seen = np.random.default_rng(0).integers(256, size=(6, *shape)).astype(dtype)
    for start in (0, 3):
        out = buffer.write(start, seen[start : start + 3])
        assert out.numpy().dtype == dtype and (out.numpy() == seen[start : start + 3]).all()
        assert out.permute(0, 2, 3, 1).is_contiguous()
    order = torch.tensor([5, 0, 3, 3])
    assert (buffer.take(order).numpy() == seen[order]).all()


def test_screens_that_are_no_block_of_memory() -> None:
    buffer = ObservationBuffer(2, (4, 8, 8), np.dtype(np.uint8))
    seen = np.random.default_rng(0).integers(256, size=(2, 8, 8, 4), dtype=np.uint8).transpose(0, 3, 1, 2)
    assert (buffer.write(0, seen).numpy() == seen).all()


def test_vectors() -> None:
    buffer = ObservationBuffer(4, (3,), np.dtype(np.float32))
    seen = np.arange(12, dtype=np.float32).reshape(4, 3)
    assert (buffer.write(0, seen).numpy() == seen).all()
    assert (buffer.take(torch.tensor([2])).numpy() == seen[2:3]).all()
