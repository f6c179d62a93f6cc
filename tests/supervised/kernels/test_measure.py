"""Choosing the fastest precision and layout by measurement."""

import pytest
import torch

from supervised.kernels.learning import for_learning
from supervised.kernels.measure import choose_precision, precision_and_layout
from supervised.nets.headed import build
from tengen.device import has_bfloat16
from tengen.errors import UserError

SCREEN = [4, 84, 84]


def test_the_fastest_precision_and_layout_are_measured() -> None:
    spec = {"trunk": {"kind": "small", "input_shape": SCREEN}, "heads": {"policy": 6}}
    compute, rates = choose_precision(
        lambda: build(spec, 0),
        torch.zeros((8, *SCREEN), dtype=torch.uint8),
        ready=for_learning,
        device="cpu",
        threads=1,
    )
    assert len(rates) == (4 if has_bfloat16() else 2) and all(rate > 0 for rate in rates.values())
    assert rates[precision_and_layout(compute)] >= max(rates.values()) / 1.5
    given = choose_precision(
        lambda: build(spec, 0), torch.zeros((8, *SCREEN)), ready=for_learning, precision="float32", layout="default"
    )
    assert (given[0].precision, given[0].channels_last, given[1]) == ("float32", False, {})  # nothing was measured
    for wrong in ({"device": "tpu"}, {"precision": "int8"}, {"layout": "upright"}):
        with pytest.raises(UserError):
            choose_precision(lambda: build(spec, 0), torch.zeros((8, *SCREEN)), ready=for_learning, **wrong)
