"""Heads: outputs from a trunk's features [B, features]."""

from __future__ import annotations

import torch
from torch import nn

from supervised.nets.blocks import linear


class Policy(nn.Module):
    """Logits [B, A]. Small initial weights make the initial policy nearly uniform."""

    def __init__(self, features: int, actions: int) -> None:
        super().__init__()
        self.out = linear(features, actions, gain=0.01)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.out(x)
        return logits


class Classes(nn.Module):
    """Logits [B, classes] of a classifier."""

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.out = nn.Linear(features, classes)
        nn.init.xavier_uniform_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.out(x)
        return logits


class Value(nn.Module):
    """Expected return [B] of the acting player. Initial values are nearly 0."""

    def __init__(self, features: int, size: int = 1) -> None:
        super().__init__()
        self.out = linear(features, size, gain=0.01)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        value: torch.Tensor = self.out(x)
        return value.squeeze(1)


class Q(nn.Module):
    """Action values [B, A]."""

    def __init__(self, features: int, actions: int) -> None:
        super().__init__()
        self.out = linear(features, actions, gain=1.0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        values: torch.Tensor = self.out(x)
        return values


class Dueling(nn.Module):
    """Action values from a value and advantages: Q = V + A - mean(A) (Wang 2016, arXiv:1511.06581, Eq. 9)."""

    def __init__(self, features: int, actions: int) -> None:
        super().__init__()
        self.value = linear(features, 1, gain=1.0)
        self.advantage = linear(features, actions, gain=1.0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        advantage = self.advantage(x)  # [B, A]
        q: torch.Tensor = self.value(x) + advantage - advantage.mean(1, keepdim=True)
        return q
