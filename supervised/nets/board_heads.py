"""Heads for boards: outputs from a board trunk's features, from the point of view of the player to move.

    policy     logits [B, H W + 1]   every point, then pass
    reply      the same              of the opponent's next move (an auxiliary target, KataGo section 4.1)
    points     the same              AlphaGo 2016's last layer: a 1x1 convolution with a bias per point
    moves      logits [B, A]         of games whose moves are not the points (Connect 4's columns)
    outcome    logits [B, 3]         won, drawn, lost
    ownership  [B, H, W] in (-1, 1)  who owns the point at the end
    score      [B]                   points ahead at the end

Policy and value follow KataGo (Wu 2019, appendix A.4, A.5), but smaller. Points that do not exist get very low
logits; illegal moves are masked when sampling.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from supervised.nets.tower import BoardFeatures, BoardNorm, pool

_NEVER = -1e4  # logit of a point off the board


class BoardPolicy(nn.Module):
    """Logits [B, H W + 1] from features of each point and of the whole board."""

    def __init__(self, channels: int, actions: int, inner: int = 32) -> None:
        super().__init__()
        self.points = nn.Conv2d(channels, inner, 1, bias=False)
        self.whole = nn.Conv2d(channels, inner, 1)
        self.bias = nn.Linear(3 * inner, inner)
        self.norm = BoardNorm(inner)
        self.out = nn.Conv2d(inner, 1, 1, bias=False)
        self.to_pass = nn.Linear(3 * inner, 1)

    def forward(self, board: BoardFeatures) -> torch.Tensor:
        x, mask = board
        g = pool(functional.relu_(self.whole(x)), mask)  # [B, 3 inner]
        p = self.points(x) + self.bias(g)[:, :, None, None]
        logits = self.out(functional.relu_(self.norm(p, mask)))  # [B, 1, H, W]
        if mask is not None:
            logits = logits + (1 - mask) * _NEVER
        return torch.cat([logits.flatten(1), self.to_pass(g)], 1)


class Points(nn.Module):
    """Logits [B, H W + 1]: one filter and a bias per point. Pass, which the paper's network lacks, is one weight."""

    def __init__(self, channels: int, actions: int) -> None:
        super().__init__()
        self.out = nn.Conv2d(channels, 1, 1, bias=False)
        self.bias = nn.Parameter(torch.zeros(actions))

    def forward(self, board: BoardFeatures) -> torch.Tensor:
        logits = self.out(board.x).flatten(1)  # [B, H W]
        return functional.pad(logits, (0, 1)) + self.bias


class _Whole(nn.Module):
    """Global pooling, a hidden layer, a linear layer. [B, C, H, W] -> [B, size]."""

    def __init__(self, channels: int, size: int, inner: int = 32, hidden: int = 64) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, inner, 1)
        self.hidden = nn.Linear(3 * inner, hidden)
        self.out = nn.Linear(hidden, size)

    def forward(self, board: BoardFeatures) -> torch.Tensor:
        g = pool(functional.relu_(self.conv(board.x)), board.mask)
        out: torch.Tensor = self.out(functional.relu_(self.hidden(g)))
        return out


class Outcome(_Whole):
    """Logits [B, 3]: the player to move wins, draws, loses."""


class Moves(nn.Module):
    """Logits [B, A] from all points together, for games whose moves are not points. One board size only."""

    def __init__(self, channels: int, actions: int, points: int, inner: int = 16) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, inner, 1)
        self.out = nn.Linear(inner * points, actions)

    def forward(self, board: BoardFeatures) -> torch.Tensor:
        out: torch.Tensor = self.out(functional.relu_(self.conv(board.x)).flatten(1))
        return out


class Score(_Whole):
    """Points [B] by which the player to move is ahead at the end; one unit inside the network is 20 points."""

    def forward(self, board: BoardFeatures) -> torch.Tensor:
        return 20 * super().forward(board).squeeze(1)


class BoardValue(_Whole):
    """Expected result [B] in (-1, 1)."""

    def forward(self, board: BoardFeatures) -> torch.Tensor:
        return super().forward(board).squeeze(1).tanh()


class Ownership(nn.Module):
    """[B, H, W] in (-1, 1): 1 for the player to move, -1 for the opponent, 0 off the board."""

    def __init__(self, channels: int, size: int = 1, inner: int = 32) -> None:
        super().__init__()
        self.inner = nn.Conv2d(channels, inner, 1)
        self.out = nn.Conv2d(inner, 1, 1)

    def forward(self, board: BoardFeatures) -> torch.Tensor:
        owner = self.out(functional.relu_(self.inner(board.x))).squeeze(1).tanh()  # [B, H, W]
        return owner if board.mask is None else owner * board.mask.squeeze(1)
