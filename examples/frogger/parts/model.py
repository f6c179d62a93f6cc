"""The network: from four screens to a value per action (Mnih et al. 2015; norms as in Gallici et al. 2024)."""

import torch
from torch import nn


class QNet(nn.Module):
    """screens [B, 4, 84, 84] bytes -> Q [B, actions] float32.

        divided by 255                                      [B,  4, 84, 84]
        8x8 convolution to 16, stride 4, norm, ReLU         [B, 16, 20, 20]
        4x4 convolution to 32, stride 2, norm, ReLU         [B, 32,  9,  9]
        flattened, linear to 256, norm, ReLU                [B, 256]
        linear to `actions`                                 [B, actions]

    Each norm is over all features of one example: `nn.GroupNorm(1, channels)` after a convolution, `nn.LayerNorm(256)`
    after the linear layer. They keep Q-learning stable without a target network (section 3 of arXiv:2407.04811), and
    unlike batch norm they do not mix examples.
    """

    def __init__(self, actions: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(4, 16, 8, stride=4),
            nn.GroupNorm(1, 16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 4, stride=2),
            nn.GroupNorm(1, 32),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 9 * 9, 256),
            nn.LayerNorm(256),
            nn.ReLU(),
            nn.Linear(256, actions),
        )

    def forward(self, screens: torch.Tensor) -> torch.Tensor:
        q: torch.Tensor = self.layers(screens.float() / 255)
        return q
