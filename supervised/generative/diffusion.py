"""Denoising diffusion (Ho, Jain, Abbeel 2020, arXiv:2006.11239): drown pictures in noise, learn to remove a little.

    q(x_t | x_0) = N(sqrt(abar_t) x_0, (1 - abar_t) I)                                            (Eq. 4)
    loss = mean || eps - eps_theta(sqrt(abar_t) x_0 + sqrt(1 - abar_t) eps, t) ||^2               (Eq. 14)

Sampling goes back through a sequence of times. One formula (Song 2020, arXiv:2010.02502, Eq. 12) covers both samplers:
eta = 1 over all times is the paper's (Algorithm 2); eta = 0 adds no noise on the way (DDIM) and needs few times.
A class guides by (1 + w) eps(x, class) - w eps(x, none) (Ho & Salimans 2022, arXiv:2207.12598, Eq. 6).

`alpha_bar` [T + 1] has abar_0 = 1: time 0 is the picture, time T the noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

Noise = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]  # x [B, ...], t [B] -> eps [B, ...]


def linear_schedule(times: int) -> torch.Tensor:
    """abar [T + 1] of betas from 1e-4 to 0.02 for T = 1000 (section 4), which is as much noise for other T."""
    scale = 1000 / times
    beta = torch.linspace(1e-4 * scale, 0.02 * scale, times, dtype=torch.float64).clamp(max=0.999)
    return torch.cat([torch.ones(1, dtype=torch.float64), (1 - beta).cumprod(0)]).float()


def cosine_schedule(times: int) -> torch.Tensor:
    """abar [T + 1] that falls like a squared cosine (Nichol & Dhariwal 2021, arXiv:2102.09672, Eq. 17)."""
    t = torch.arange(times + 1, dtype=torch.float64) / times
    f = torch.cos((t + 0.008) / 1.008 * math.pi / 2).square()
    abar = f / f[0]
    kept = (abar[1:] / abar[:-1]).clamp(min=0.001)  # no beta above 0.999
    return torch.cat([torch.ones(1, dtype=torch.float64), kept.cumprod(0)]).float()


def _as(values: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """[B] -> [B, 1, ...], to multiply `x` with."""
    return values.view(-1, *[1] * (x.dim() - 1))


def diffuse(x_0: torch.Tensor, t: torch.Tensor, noise: torch.Tensor, alpha_bar: torch.Tensor) -> torch.Tensor:
    """x_t drawn from q(x_t | x_0), Eq. 4, with the noise given. `t` [B]."""
    abar = _as(alpha_bar[t], x_0)
    return abar.sqrt() * x_0 + (1 - abar).sqrt() * noise


def denoising_loss(model: Noise, x_0: torch.Tensor, alpha_bar: torch.Tensor) -> torch.Tensor:
    """Eq. 14 for pictures [B, ...], with times and noise from torch's generator."""
    t = torch.randint(1, len(alpha_bar), (len(x_0),)).to(x_0.device)
    noise = torch.randn(x_0.shape).to(x_0.device)
    return (noise - model(diffuse(x_0, t, noise, alpha_bar), t)).square().mean()


def guided(
    model: Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor],
    classes: torch.Tensor,
    none: int,
    weight: float,
) -> Noise:
    """eps guided towards `classes` [B]; `model` takes x, t and classes, of which `none` is no class."""

    def noise(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        if weight == 0:
            return model(x, t, classes)
        both = torch.cat([classes, torch.full_like(classes, none)])
        with_class, without = model(torch.cat([x, x]), torch.cat([t, t]), both).chunk(2)
        return (1 + weight) * with_class - weight * without

    return noise


@torch.no_grad()
def sample(
    model: Noise,
    x: torch.Tensor,
    alpha_bar: torch.Tensor,
    steps: int,
    *,
    eta: float = 0.0,
    clip: bool = True,
    generator: torch.Generator | None = None,
    watch: Callable[[int, torch.Tensor], None] = lambda t, x_0: None,
) -> torch.Tensor:
    """Pictures [B, ...] from standard normal noise `x` in `steps` steps.

    `clip` keeps what the model believes to see in [-1, 1]; `watch` is shown that with its time.
    """
    times = torch.linspace(len(alpha_bar) - 1, 0, min(steps, len(alpha_bar) - 1) + 1).round().long().tolist()
    for i in range(len(times) - 1):
        t, s = times[i], times[i + 1]  # from time t back to s
        abar_t, abar_s = alpha_bar[t], alpha_bar[s]
        eps = model(x, torch.full((len(x),), t, device=x.device))
        x_0 = (x - (1 - abar_t).sqrt() * eps) / abar_t.sqrt()  # what eps makes of Eq. 4
        if clip:
            x_0 = x_0.clamp(-1, 1)
            eps = (x - abar_t.sqrt() * x_0) / (1 - abar_t).sqrt()
        watch(t, x_0)
        sigma = eta * ((1 - abar_s) / (1 - abar_t) * (1 - abar_t / abar_s)).sqrt()  # DDIM's Eq. 16
        x = abar_s.sqrt() * x_0 + (1 - abar_s - sigma.square()).clamp(min=0).sqrt() * eps
        if float(sigma) > 0:
            x = x + sigma * torch.randn(x.shape, generator=generator).to(x.device)
    return x
