"""Ratings with a low-rank part: multidimensional Elo (Balduzzi, Tuyls, Perolat & Graepel 2018, arXiv:1806.02643)."""

import torch
from torch import nn


class Ratings(nn.Module):
    """A strength for each player, and `rank` pairs of numbers for its style.

        logit(i, j)           = s_i - s_j + sum over k of (u_ik * v_jk - v_ik * u_jk)
        chance of i against j = sigmoid(logit(i, j))

    With rank 0 this is Elo's model (Bradley & Terry 1952): one number a player, and whoever beats somebody who beats
    you is expected to beat you. The second part turns its sign when the players change places, as it has to, but knows
    no order: with rank 1 rock, paper and scissors are three points on a circle.

    Parameters: `strength` [P], zeros at the start; `u` and `v` [P, rank], normal with deviation 0.1 (all zeros would
    stay zeros: each one's gradient is the other one).
    """

    def __init__(self, players: int, rank: int) -> None:
        super().__init__()
        self.strength = nn.Parameter(torch.zeros(players))
        self.u, self.v = (nn.Parameter(0.1 * torch.randn(players, rank)) for _ in "uv")

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """first [B], second [B] int64 -> logits [B] of the first one's winning."""
        style = (self.u[first] * self.v[second] - self.v[first] * self.u[second]).sum(1)
        return self.strength[first] - self.strength[second] + style

    @torch.no_grad()
    def chances(self) -> torch.Tensor:
        """[P, P]: what each (row) is expected to score against each other (column)."""
        everyone = torch.arange(len(self.strength))
        return torch.sigmoid(self(everyone.repeat_interleave(len(everyone)), everyone.repeat(len(everyone)))).view(
            len(everyone), len(everyone)
        )
