"""Restricted Boltzmann machine (Smolensky 1986; Hinton 2002): binary units with pairwise couplings.

    E(v, h) = -b'v - c'h - v'Wh           p(v, h) = exp(-E) / Z           visible v [V], hidden h [H], all bits
    F(v)    = -b'v - sum_j log(1 + exp(c_j + v'W_j))                      the free energy: p(v) = exp(-F(v)) / Z
    p(h_j = 1 | v) = sigmoid(c_j + v'W_j)                                 and vice versa

The gradient of -log p(v) is that of F at the data minus the mean gradient of F over the model. The second term needs
samples: contrastive divergence (Hinton 2002) takes k Gibbs steps from the data; persistent chains (Tieleman 2008)
continue from where the last gradient step left them, and so mix further. `log Z`: supervised/generative/ais.py.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from supervised.generative.blocks import uniform


class RBM(nn.Module):
    """Weights [V, H], biases [V] and [H], and the persistent chains [chains, V]."""

    chains: torch.Tensor
    mean: torch.Tensor

    def __init__(self, visible: int, hidden: int, chains: int = 100) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.01 * torch.randn(visible, hidden))
        self.visible_bias = nn.Parameter(torch.zeros(visible))
        self.hidden_bias = nn.Parameter(torch.zeros(hidden))
        self.register_buffer("chains", (torch.rand(chains, visible) < 0.5).float())
        self.register_buffer("mean", torch.full((visible,), 0.5))  # of the data: where annealing begins

    @torch.no_grad()
    def calibrate(self, mean: torch.Tensor) -> None:
        """Begin with the data's `mean` [V]: biases such that W = 0 already has it (Hinton 2010, section 8)."""
        self.mean.copy_(mean.clamp(0.01, 0.99))
        self.visible_bias.copy_(torch.logit(self.mean))
        self.chains.copy_((torch.rand_like(self.chains) < self.mean).float())

    def free_energy(self, v: torch.Tensor) -> torch.Tensor:
        """F(v) [B] of bits [B, V]."""
        return -v @ self.visible_bias - functional.softplus(self.hidden_bias + v @ self.weight).sum(1)

    def hidden_given(self, v: torch.Tensor) -> torch.Tensor:
        """p(h = 1 | v) [B, H]."""
        return torch.sigmoid(self.hidden_bias + v @ self.weight)

    def visible_given(self, h: torch.Tensor) -> torch.Tensor:
        """p(v = 1 | h) [B, V]."""
        return torch.sigmoid(self.visible_bias + h @ self.weight.T)

    @torch.no_grad()
    def gibbs(self, v: torch.Tensor, steps: int, rng: np.random.Generator) -> torch.Tensor:
        """Bits [B, V] after `steps` rounds: all hidden bits given the visible ones, then the reverse."""
        for _ in range(steps):
            p = self.hidden_given(v)
            h = (uniform(rng, *p.shape, like=p) < p).float()
            p = self.visible_given(h)
            v = (uniform(rng, *p.shape, like=p) < p).float()
        return v


def contrastive_divergence(
    model: RBM, v: torch.Tensor, steps: int, persistent: bool, rng: np.random.Generator
) -> torch.Tensor:
    """A number whose gradient is that of CD-k or PCD-k: mean F(data) - mean F(samples). Its value means nothing."""
    samples = model.gibbs(model.chains if persistent else v, steps, rng)
    if persistent:
        model.chains.copy_(samples)
    return model.free_energy(v).mean() - model.free_energy(samples).mean()


@torch.no_grad()
def reconstruction(model: RBM, v: torch.Tensor) -> float:
    """Fraction of bits that one round trip through the means gets wrong: cheap to watch, and easily deceived."""
    back = model.visible_given(model.hidden_given(v))
    return float(((back > 0.5).float() != v).float().mean())
