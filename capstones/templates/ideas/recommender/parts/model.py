"""Ratings with a low-rank part: multidimensional Elo (Balduzzi, Tuyls, Perolat & Graepel 2018, arXiv:1806.02643)."""

import torch
from torch import nn


class Ratings(nn.Module):
    """A strength for each player, and `rank` pairs of numbers for its style.

        logit(i, j)           = s_i - s_j + sum over k of (u_ik * v_jk - v_ik * u_jk)
        chance of i against j = sigmoid(logit(i, j))

    With rank 0 this is Elo's model (Bradley & Terry 1952): one number per player, and whoever beats somebody who beats
    you is expected to beat you. The second part changes sign when the players swap places, as it has to, but imposes
    no order: with rank 1 rock, paper and scissors are three points on a circle.

    Parameters: `strength` [P], initially zeros; `u` and `v` [P, rank], normal with standard deviation 0.1 (zeros would
    stay zeros: the gradient of each is the other).
    """

    def __init__(self, players: int, rank: int) -> None:
        super().__init__()
        raise NotImplementedError("three nn.Parameter")

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """first [B], second [B] int64 -> logits [B] that the first player wins."""
        raise NotImplementedError("the formula, for each pair")

    @torch.no_grad()
    def chances(self) -> torch.Tensor:
        """[P, P]: the expected score of each player (row) against each other (column)."""
        everyone = torch.arange(len(self.strength))
        return torch.sigmoid(self(everyone.repeat_interleave(len(everyone)), everyone.repeat(len(everyone)))).view(
            len(everyone), len(everyone)
        )
