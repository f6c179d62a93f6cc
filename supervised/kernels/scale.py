"""Input scaling for a network that computes in bfloat16 on a CPU: one pass over memory instead of three."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from supervised.kernels.bfloat16 import in_bfloat16, memory_of, rounded
from supervised.kernels.swap import swap
from supervised.nets.blocks import Scale
from tengen.device import Compute
from tengen.jit import kernel, spread


class RoundedScale(Scale):
    """A `Scale` whose output under autocast is already bfloat16: bit for bit what autocast would produce."""

    @classmethod
    def of(cls, scale: Scale) -> RoundedScale:
        """The same scaling: it shares the buffers, whose names stay as they are."""
        made = cls(0.0)
        made.factor, made.centred = scale.factor, scale.centred
        if scale.centred:
            made.register_buffer("centre", scale.centre)
        return made.train(scale.training)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dtype != torch.uint8 or x.dim() != 4 or x.device.type != "cpu" or not in_bfloat16():
            return super().forward(x)
        last = not x.is_contiguous()  # channels last in memory; any other order is copied into that one
        layout = torch.channels_last if last else torch.contiguous_format
        x = x.contiguous(memory_format=layout)  # [B, C, H, W]
        out = torch.empty_like(x, dtype=torch.bfloat16, memory_format=layout)
        centre = (self.centre if self.centred else torch.zeros(())).expand(x.shape[1:])  # [C, H, W]
        line = (centre.permute(1, 2, 0) if last else centre).contiguous().view(-1).numpy()  # in the order of memory
        screens, bits = _in_memory(x, last), _in_memory(out, last)
        factor = np.float32(self.factor.item())

        def work(start: int, stop: int) -> None:
            scale_to_bfloat16(screens, start, stop, line, factor, bits)

        spread(work, len(x), torch.get_num_threads(), 64)
        return out


def with_rounded_scales(net: nn.Module, compute: Compute) -> nn.Module:
    """`net`, its scales replaced where `compute` is bfloat16 on a CPU."""
    if compute.precision == "bfloat16" and compute.device == "cpu":
        swap(net, lambda module: type(module) is Scale, RoundedScale.of)
    return net


def _in_memory(x: torch.Tensor, last: bool) -> np.ndarray:
    """`x` [B, C, H, W] as [B, C H W] in the order of memory, without a copy."""
    return memory_of((x.permute(0, 2, 3, 1) if last else x).flatten(1))


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
