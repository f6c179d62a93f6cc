"""Input scaling in bfloat16, in one pass."""

import pytest
import torch

from supervised.kernels.scale import RoundedScale
from supervised.nets.blocks import Scale


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=["default", "channels-last"])
@pytest.mark.parametrize("batch", [3, 200], ids=["one thread", "several"])
@pytest.mark.parametrize("centred", [False, True])
def test_screens_in_bfloat16_are_what_autocast_makes_of_them_bit_for_bit(
    centred: bool, batch: int, layout: torch.memory_format
) -> None:
    torch.manual_seed(2)
    plain = Scale(1 / 255, (1, 5, 7) if centred else None)
    scale = RoundedScale.of(plain)
    if centred:
        plain.calibrate(torch.rand(5, 7) * 255, 21.0)
        plain.centre[0, 0] = 0.5
        plain.factor.fill_(1.0)  # 200.5 lies between two bfloat16s
    screens = torch.randint(0, 256, (batch, 4, 5, 7), dtype=torch.uint8).contiguous(memory_format=layout)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rounded = scale(screens)
    assert rounded.dtype == torch.bfloat16 and rounded.is_contiguous(memory_format=layout)
    assert torch.equal(rounded, plain(screens).to(torch.bfloat16))
    assert torch.equal(scale(screens), plain(screens))  # without autocast it equals Scale
