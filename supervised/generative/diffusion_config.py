"""Settings of diffusion, on pixels and on codes. No torch in here: `--help` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from supervised.systems.settings import Descent
from tengen.config import Amount, Count, Fraction, Whole


@dataclass(frozen=True)
class DiffusionConfig(Descent):
    """Also latent diffusion's."""

    MAIN: ClassVar[tuple[str, ...]] = ("model", "width", "times", "guidance", "sampling_steps", "lr", "batch")

    model: str = "diffusion"
    """What learns: diffusion, latent-diffusion."""
    width: Count = 32
    """Channels of the denoiser's first level; the others have twice as many."""
    depth: Count = 1
    """Blocks in the middle of the denoiser."""
    times: Count = 1000
    """T, the number of noise levels between a picture and pure noise."""
    schedule_of_noise: Literal["linear", "cosine"] = "linear"
    """Noise schedule: Ho's linear betas, or Nichol's squared cosine."""
    without_class: Fraction = 0.1
    """Fraction of training pictures whose class is hidden, which classifier-free guidance needs."""
    guidance: Amount = 1.0
    """Default guidance weight w when sampling: 0 is the conditional model alone."""
    sampling_steps: Count = 50
    """Default number of denoising steps when sampling."""
    eta: Fraction = 0.0
    """Noise added in each sampling step: 0 none (DDIM), 1 as much as DDPM."""
    latent: Count = 4
    """Latent diffusion: channels of the code."""
    first_stage: Fraction = 0.3
    """Latent diffusion: fraction of the steps that train the autoencoder."""
    first_width: Count = 32
    """Latent diffusion: channels of the autoencoder at half resolution."""
    kl_weight: Amount = 1e-3
    """Latent diffusion: weight of the KL in the autoencoder's loss."""
    batch: Count = 64
    """Pictures per gradient step."""
    judged: Whole = 500
    """Pictures generated for the card and classified."""
    lr: Amount = 1e-3
    """Peak learning rate (AdamW)."""
    warmup: Fraction = 0.02
    """Fraction of the training over which the learning rate rises to its peak."""
    ema: Fraction = 0.999
    """Decay of the moving average of the weights, which is tested and saved; 0: no average."""


DIFFUSION = DiffusionConfig()
LATENT_DIFFUSION = DiffusionConfig(model="latent-diffusion", width=64, batch=128)
