"""Autoencoder (Hinton & Salakhutdinov 2006, Science 313): squeeze a picture through a few numbers and reconstruct it.

    x --encoder--> z --decoder--> logits of x          loss = -log p(x | z), in nats a picture

Deviations:
1. All layers are trained at once by Adam; the paper first trains a stack of Boltzmann machines.
2. An autoencoder has no distribution to sample from. `tengen sample` draws codes from a normal distribution with the
   mean and covariance of the training set's codes, which `fit_codes` keeps as buffers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from supervised.generative.blocks import bernoulli_nats, bits_of, mlp
from supervised.nets.headed import build


class Autoencoder(nn.Module):
    """bytes [B, C, H, W] -> code [B, K] -> logits [B, D] of its D = C H W bits."""

    code_mean: torch.Tensor  # [K]
    code_factor: torch.Tensor  # [K, K]: L with L L' = covariance

    def __init__(self, trunk: dict[str, Any], latent: int, hidden: Sequence[int]) -> None:
        """`trunk` is the encoder's spec (supervised/nets/catalogue.py), `hidden` the decoder's layers."""
        super().__init__()
        self.shape = tuple(trunk["input_shape"])
        self.encoder = build({"trunk": trunk, "heads": {}})
        features: Any = self.encoder.trunk.out_shape
        self.code = nn.Linear(features[0], latent)
        self.decoder = mlp((latent, *hidden, self.shape[0] * self.shape[1] * self.shape[2]))
        self.register_buffer("code_mean", torch.zeros(latent))
        self.register_buffer("code_factor", torch.eye(latent))

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        z: torch.Tensor = self.code(self.encoder.trunk(x))
        return z

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.decoder(z)
        return logits

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.decode(self.encode(x))

    @torch.no_grad()
    def fit_codes(self, codes: torch.Tensor) -> None:
        """Keep the normal distribution of `codes` [N, K]."""
        self.code_mean.copy_(codes.mean(0))
        centred = codes - self.code_mean  # [N, K]
        covariance = centred.T @ centred / len(codes) + 1e-6 * torch.eye(codes.shape[1], device=codes.device)
        self.code_factor.copy_(torch.linalg.cholesky(covariance.double()))

    def latents(self, noise: torch.Tensor) -> torch.Tensor:
        """Codes [B, K] like those of the training set, from standard normal `noise` [B, K]."""
        return self.code_mean + noise @ self.code_factor.T


def reconstruction(model: Autoencoder, x: torch.Tensor) -> torch.Tensor:
    """-log p(x | z(x)) [B] in nats: what is lost on the way through the code."""
    return bernoulli_nats(model(x), bits_of(x))
