"""A `ScreenCNN` that computes convolutions only where screens differ from their background."""

from __future__ import annotations

import torch
from torch import nn

from supervised.kernels.foreground import maps
from supervised.nets.cnn import ScreenCNN

_MANY = 128  # screens; without gradients and with fewer screens, finding the foreground costs as much as it saves


class ForegroundCNN(nn.Module):
    """The same function, on a CPU. [B, C, H, W] bytes -> [B, features]; inputs of other types as in `ScreenCNN`."""

    @staticmethod
    def fits(module: nn.Module) -> bool:
        """Whether this can replace the trunk `module`."""
        return type(module) is ScreenCNN and maps.fits(module.convolutions)

    def __init__(self, trunk: ScreenCNN) -> None:
        """Shares the layers of `trunk`."""
        super().__init__()
        self.out_shape = trunk.out_shape
        self.scale, self.convolutions, self.linear = trunk.scale, trunk.convolutions, trunk.linear
        self.training = trunk.training

    def forward(self, obs: torch.Tensor) -> torch.Tensor:
        if obs.dtype == torch.uint8 and (torch.is_grad_enabled() or len(obs) >= _MANY):
            x = maps.run(self.convolutions, obs, self.scale)  # [B, flat]
        else:
            x = self.convolutions(self.scale(obs))  # [B, flat]
        out: torch.Tensor = self.linear(x)  # [B, features]
        return out
