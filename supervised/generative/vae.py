"""Variational autoencoder (Kingma & Welling 2013, arXiv:1312.6114): an autoencoder with a distribution over codes.

    p(z) = N(0, I)       q(z|x) = N(mean(x), variance(x))       p(x|z) = Bernoulli(decoder(z))

    log p(x) >= ELBO(x) = E_q[log p(x|z)] - KL(q(z|x) || p(z))                                      (Eq. 3)

The expectation is over z = mean + deviation * noise, which gradients flow through (section 2.4).

Deviations: Adam instead of Adagrad. One sample of z per picture, as the paper recommends (L = 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from supervised.generative.blocks import bernoulli_nats, bits_of, mlp, normal
from supervised.nets.headed import build


class VAE(nn.Module):
    """bytes [B, C, H, W] -> mean, log variance [B, K]; z [B, K] -> logits [B, D] of the picture's D = C H W bits."""

    def __init__(self, trunk: dict[str, Any], latent: int, hidden: Sequence[int]) -> None:
        """`trunk`: the encoder's spec (supervised/nets/catalogue.py); `hidden`: widths of the decoder's layers."""
        super().__init__()
        self.shape, self.latent = tuple(trunk["input_shape"]), latent
        self.encoder = build({"trunk": trunk, "heads": {}})
        features: Any = self.encoder.trunk.out_shape
        self.mean, self.log_variance = nn.Linear(features[0], latent), nn.Linear(features[0], latent)
        self.decoder = mlp((latent, *hidden, self.shape[0] * self.shape[1] * self.shape[2]))

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.encoder.trunk(x)
        return self.mean(features).float(), self.log_variance(features).float()

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.decoder(z)
        return logits

    def latents(self, noise: torch.Tensor) -> torch.Tensor:
        """Draws from p(z): the standard normal noise [B, K] itself."""
        return noise


def gaussian_kl(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """KL(N(mean, variance) || N(0, I)) [B] in nats, for [B, K] (appendix B)."""
    return -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(1)


def reparameterise(mean: torch.Tensor, log_variance: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """z = mean + deviation * noise (Eq. 10 with section 2.4)."""
    return mean + (0.5 * log_variance).exp() * noise


def negative_elbo(
    model: VAE, x: torch.Tensor, noise: torch.Tensor, beta: float = 1.0
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(loss, -log p(x|z), KL), each [B] in nats. `beta` weights the KL term during warm-up."""
    mean, log_variance = model.encode(x)
    z = reparameterise(mean, log_variance, noise)
    nats = bernoulli_nats(model.decode(z), bits_of(x))
    kl = gaussian_kl(mean, log_variance)
    return nats + beta * kl, nats, kl  # Eq. 10, negated


@torch.no_grad()
def log_likelihood(
    model: VAE, x: torch.Tensor, samples: int, rng: np.random.Generator, watch: Callable[[int], None] | None = None
) -> torch.Tensor:
    """log p(x) [B] estimated with `samples` draws from q (Burda 2015, arXiv:1509.00519, Eq. 8): a tighter bound.

    log 1/S sum_s p(x|z_s) p(z_s) / q(z_s|x)

    `watch` gets the number of draws done.
    """
    mean, log_variance = model.encode(x)
    weights = []
    for _ in range(samples):
        noise = normal(rng, *mean.shape, like=mean)
        z = reparameterise(mean, log_variance, noise)
        log_prior = -0.5 * z.square().sum(1)
        log_q = -0.5 * (noise.square() + log_variance).sum(1)  # the constants cancel
        weights.append(log_prior - log_q - bernoulli_nats(model.decode(z), bits_of(x)))
        if watch:
            watch(len(weights))
    return torch.logsumexp(torch.stack(weights), 0) - math.log(samples)
