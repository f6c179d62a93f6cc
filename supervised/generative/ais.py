"""Annealed importance sampling of a Boltzmann machine's partition function (Salakhutdinov & Murray 2008).

Chains walk from an easily summed machine, with weights 0 and biases b0, to the one in question, through

    p_k(v) prop. to exp(-(1 - beta_k) F_0(v) - beta_k F(v))            0 = beta_0 < ... < beta_K = 1

and sum up log w = sum_k log p*_k(v_k) - log p*_{k-1}(v_k). Then Z / Z_0 = E[w], and Z_0 is a product (Eqs. 4 and 18).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional

from supervised.generative.blocks import uniform
from supervised.generative.rbm import RBM


class Partition(NamedTuple):
    """log Z, and log Z give or take three standard errors of the mean weight."""

    log_z: float
    low: float
    high: float


@torch.no_grad()
def log_partition(
    model: RBM, chains: int, temperatures: int, rng: np.random.Generator, watch: Callable[[int], None] | None = None
) -> Partition:
    """log Z from `chains` chains through `temperatures` machines in between; `watch` is told how many are behind."""
    base = torch.logit(model.mean)  # [V]: the data's own biases, which begin near the end
    hidden = model.hidden_bias.shape[0]
    log_z0 = float(functional.softplus(base).sum()) + hidden * math.log(2)  # Eq. 18
    p = model.mean.expand(chains, -1)
    v = (uniform(rng, *p.shape, like=p) < p).float()
    log_w = torch.zeros(chains, dtype=torch.float64, device=p.device)
    betas = annealing(temperatures)

    def unnormalised(seen: torch.Tensor, fields: torch.Tensor, beta: float) -> torch.Tensor:
        """log p*_beta [chains]: visible biases mixed, hidden inputs `fields` [chains, H] scaled by beta (Eq. 17)."""
        linear = seen @ ((1 - beta) * base + beta * model.visible_bias)
        return (linear + functional.softplus(beta * fields).sum(1)).double()

    for i in range(1, len(betas)):
        if watch and i % 100 == 0:
            watch(i)
        fields = model.hidden_bias + v @ model.weight
        log_w += unnormalised(v, fields, betas[i]) - unnormalised(v, fields, betas[i - 1])
        h_p = torch.sigmoid(betas[i] * fields)
        h = (uniform(rng, *h_p.shape, like=h_p) < h_p).float()
        visible = (1 - betas[i]) * base + betas[i] * (model.visible_bias + h @ model.weight.T)
        v_p = torch.sigmoid(visible)
        v = (uniform(rng, *v_p.shape, like=v_p) < v_p).float()
    log_mean = float(torch.logsumexp(log_w, 0)) - math.log(chains)
    ratio = (log_w - log_mean).exp()  # w / mean w
    error = 3 * float(ratio.std()) / math.sqrt(chains)
    low = log_mean + math.log(max(1e-30, 1 - error))
    return Partition(log_z0 + log_mean, log_z0 + low, log_z0 + log_mean + math.log1p(error))


def annealing(temperatures: int) -> list[float]:
    """beta_0 = 0 to beta_K = 1, a third of them in the first half, closest near the end, as in section 5.1."""
    a, b, c = max(1, temperatures // 28), max(1, temperatures * 2 // 7), max(1, temperatures * 19 // 28)
    parts = (np.linspace(0, 0.5, a, endpoint=False), np.linspace(0.5, 0.9, b, endpoint=False))
    return [*parts[0].tolist(), *parts[1].tolist(), *np.linspace(0.9, 1, c + 1).tolist()]


@torch.no_grad()
def exact_log_partition(model: RBM) -> float:
    """log Z summed over all states of the hidden bits: possible up to about 20 of them."""
    hidden = model.hidden_bias.shape[0]
    total = []
    for bits in itertools.product((0.0, 1.0), repeat=hidden):
        h = torch.tensor(bits)
        total.append(h @ model.hidden_bias + functional.softplus(model.visible_bias + model.weight @ h).sum())
    return float(torch.logsumexp(torch.stack(total).double(), 0))
