"""Latent diffusion (Rombach et al. 2022, arXiv:2112.10752): diffuse the code of an autoencoder, not the pixels.

    first stage     picture --encoder--> z [B, 4, 7, 7] --decoder--> picture        squared error + a little KL
    second stage    a denoiser learns on z / deviation(z), the first stage fixed    (section 3.2)

A sampling step then costs a fraction of one on pixels; the decoder runs only once, at the end.

Deviations: squared error instead of perceptual and adversarial losses; a class embedding instead of cross-attention;
both stages in one run, one after the other.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from supervised.generative.denoiser import Denoiser
from supervised.generative.vae import reparameterise


class FirstStage(nn.Module):
    """Pictures [B, C, 4h, 4w] in [-1, 1] <-> codes [B, K, h, w]."""

    def __init__(self, planes: int, latent: int, width: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(planes, width, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(2 * width, 2 * width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(2 * width, 2 * latent, 1),  # mean and log variance
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(latent, 2 * width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(2 * width, 2 * width, 3, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(width, planes, 4, stride=2, padding=1),
        )

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mean, log_variance = self.encoder(x).float().chunk(2, 1)
        return mean, log_variance.clamp(-20, 10)

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        x: torch.Tensor = self.decoder(z).float()
        return x


class LatentDiffusion(nn.Module):
    """Both stages; dividing by `deviation` gives the codes variance 1 (section 4.3.2 and appendix G)."""

    deviation: torch.Tensor

    def __init__(
        self, planes: int, classes: int, latent: int, width: int, channels: tuple[int, ...], depth: int
    ) -> None:
        super().__init__()
        self.first = FirstStage(planes, latent, width)
        self.denoiser = Denoiser(latent, classes, channels, depth)
        self.register_buffer("deviation", torch.ones(()))

    def codes(self, x: torch.Tensor) -> torch.Tensor:
        """The second stage's training data: codes [B, K, h, w] with variance 1."""
        return self.first.encode(x)[0].detach() / self.deviation

    def pictures(self, codes: torch.Tensor) -> torch.Tensor:
        return self.first.decode(codes * self.deviation).clamp(-1, 1)

    @torch.no_grad()
    def calibrate(self, x: torch.Tensor) -> None:
        """Measure the standard deviation of the codes of pictures [B, C, H, W]; once, between the stages."""
        self.deviation.copy_(self.first.encode(x)[0].std())


def first_stage_loss(model: FirstStage, x: torch.Tensor, kl_weight: float) -> tuple[torch.Tensor, torch.Tensor]:
    """(loss, mean squared error per pixel). The KL term keeps codes small and smooth (section 3.1, KL-reg)."""
    mean, log_variance = model.encode(x)
    z = reparameterise(mean, log_variance, torch.randn(mean.shape).to(mean.device))
    error = functional.mse_loss(model.decode(z), x)
    kl = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).mean()
    return error + kl_weight * kl, error
