"""Generative adversarial nets (Goodfellow 2014, arXiv:1406.2661), convolutional (Radford 2015, arXiv:1511.06434).

    D(x)   the probability that x is real, not generated           max_D  E log D(x) + E log(1 - D(G(z)))    (Eq. 1)
    G(z)   a picture from noise that should fool D                 max_G  E log D(G(z))                  (section 3)

The best D for a given G is D* = p_data / (p_data + p_G) (Proposition 1). If p_G = p_data it is 1/2 everywhere, and the
losses of D and G are log 4 and log 2.

Deviations:
1. Convolutions and batch normalisation as in DCGAN, far fewer channels, and no normalisation in D. D has three layers:
   with two it sees patches of 10 pixels, too small for outlines. In G each upsampling is followed by a 3x3 convolution.
2. A penalty on D's gradient at real pictures (R1; Mescheder 2018, arXiv:1801.04406, Eq. 9) prevents mode collapse.
3. The generator tested is an average of G's weights over training (EMA).
4. D also sees how much the pictures of a batch differ (Karras 2018, arXiv:1710.10196, section 3), in groups of eight.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class Generator(nn.Module):
    """Noise [B, Z] -> pictures [B, C, 4 * side, 4 * side] in [-1, 1]."""

    def __init__(self, noise: int, planes: int, side: int, width: int) -> None:
        """`side`: a quarter of the picture's side; `width`: channels at half the picture's resolution."""
        super().__init__()
        self.noise, self.side, self.width = noise, side, width
        narrow = max(1, width // 2)
        self.first = nn.Linear(noise, 2 * width * side * side)
        self.layers = nn.Sequential(
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, narrow, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(narrow),
            nn.ReLU(),
            nn.Conv2d(narrow, planes, 3, padding=1),
            nn.Tanh(),
        )
        small_normal(self)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        x = self.first(z).view(-1, 2 * self.width, self.side, self.side)
        pictures: torch.Tensor = self.layers(x)
        return pictures


class Discriminator(nn.Module):
    """Pictures [B, C, 4 * side, 4 * side] -> logits [B] of being real."""

    def __init__(self, planes: int, side: int, width: int, group: int = 1) -> None:
        """`group`: successive pictures that are compared with each other; 1: none."""
        super().__init__()
        self.group = group
        self.layers = nn.Sequential(
            nn.Conv2d(planes, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
        )
        self.last = nn.Linear((4 * width + 1) * (side // 2) ** 2, 1)
        small_normal(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.layers(x)
        logits: torch.Tensor = self.last(torch.cat([x, variety(x, self.group)], 1).flatten(1))
        return logits.squeeze(1)


def variety(x: torch.Tensor, group: int) -> torch.Tensor:
    """A map [B, 1, H, W] with the mean over x [B, C, H, W] of its features' deviations in groups of `group`."""
    deviation = x.float().unflatten(0, (-1, group)).var(1, unbiased=False).add(1e-8).sqrt()  # [B / group, C, H, W]
    mean = deviation.mean((1, 2, 3)).repeat_interleave(group)
    return mean.to(x.dtype).view(-1, 1, 1, 1).expand(-1, 1, *x.shape[2:])


def small_normal(net: nn.Module) -> None:
    """Weights from N(0, 0.02^2) (Radford 2015, section 4)."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(module.weight, 0, 0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def discriminator_loss(real: torch.Tensor, made: torch.Tensor) -> torch.Tensor:
    """-E log D(x) - E log(1 - D(G(z))) (Eq. 1) of logits [B]; log 4 if D cannot tell them apart."""
    return functional.softplus(-real).mean() + functional.softplus(made).mean()


def generator_loss(made: torch.Tensor) -> torch.Tensor:
    """-E log D(G(z)) of logits [B]: strong gradients while D is ahead, unlike those of log(1 - D) (section 3)."""
    return functional.softplus(-made).mean()


def gradient_penalty(logits: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
    """E ||gradient of D's logit at real pictures||^2 / 2 (R1), with `pictures` [B, ...] requiring gradients."""
    gradient = torch.autograd.grad(logits.sum(), pictures, create_graph=True)[0]
    return gradient.flatten(1).square().sum(1).mean() / 2
