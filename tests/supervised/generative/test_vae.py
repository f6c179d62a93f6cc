"""The VAE against known answers: KL divergence by Monte Carlo, the optimum of the linear case, its bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from supervised.generative.autoencoder import Autoencoder, reconstruction
from supervised.generative.blocks import bernoulli_nats
from supervised.generative.vae import VAE, gaussian_kl, log_likelihood, negative_elbo, reparameterise

TRUNK = {"kind": "mlp", "input_shape": [1, 2, 3], "hidden": [8], "scale": 1 / 255}


def test_kl_by_hand_and_by_monte_carlo() -> None:
    mean, log_variance = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, math.log(4)]])
    assert gaussian_kl(mean, log_variance).item() == pytest.approx(0.5 + 0.5 * (4 - 1 - math.log(4)))
    assert gaussian_kl(torch.zeros(1, 3), torch.zeros(1, 3)).item() == 0
    torch.manual_seed(0)
    noise = torch.randn(200_000, 2)
    z = reparameterise(mean, log_variance, noise)
    log_ratio = (-0.5 * (noise.square() + log_variance) + 0.5 * z.square()).sum(1)  # log q - log p
    assert log_ratio.mean().item() == pytest.approx(gaussian_kl(mean, log_variance).item(), abs=0.02)


def test_bernoulli_by_hand() -> None:
    logits = torch.tensor([[math.log(3), 0.0]])  # p = 3/4, 1/2
    assert bernoulli_nats(logits, torch.tensor([[0.0, 1.0]])).item() == pytest.approx(math.log(4) + math.log(2))


def test_a_linear_vae_ends_at_probabilistic_pca() -> None:
    """With x = W z + m + noise the maximum ELBO is the exact likelihood of Tipping & Bishop's 1999 solution."""
    torch.manual_seed(0)
    n, d, k, noise = 400, 4, 2, 0.5
    x = torch.randn(n, k) @ torch.randn(k, d) * 1.5 + noise * torch.randn(n, d) + 1
    covariance = torch.cov(x.T, correction=0).double()
    values, vectors = torch.linalg.eigh(covariance)
    values, vectors = values.flip(0), vectors.flip(1)
    variance = values[k:].mean()  # the maximum likelihood noise variance, Eq. 8
    w = vectors[:, :k] * (values[:k] - variance).sqrt()  # Eq. 7
    c = w @ w.T + variance * torch.eye(d)
    best = -0.5 * (d * math.log(2 * math.pi) + torch.logdet(c) + torch.trace(torch.linalg.solve(c, covariance)))

    encoder, decoder = nn.Linear(d, k), nn.Linear(k, d)
    log_variance, log_noise = nn.Parameter(torch.zeros(k)), nn.Parameter(torch.zeros(()))
    parameters = [*encoder.parameters(), *decoder.parameters(), log_variance, log_noise]
    optimiser = torch.optim.LBFGS(parameters, max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        mean = encoder(x)
        wanted = log_variance.expand(n, k)
        # the expectation over z is exact for a linear decoder: E|x - Wz - m|^2 includes the variance of z
        spread = (decoder.weight.square() * log_variance.exp()).sum()
        error = (x - decoder(mean)).square().sum(1) + spread
        nats = 0.5 * (d * (math.log(2 * math.pi) + log_noise) + error / log_noise.exp())
        return (nats + gaussian_kl(mean, wanted)).mean()

    def with_gradient() -> torch.Tensor:
        optimiser.zero_grad()
        value = loss()
        value.backward()
        return value

    optimiser.step(with_gradient)
    assert -loss().item() <= best.item() + 1e-4  # a bound
    assert -loss().item() == pytest.approx(best.item(), abs=0.01)
    assert log_noise.exp().item() == pytest.approx(variance.item(), rel=0.05)


def test_more_samples_tighten_the_bound_towards_the_sum_over_all_codes() -> None:
    torch.manual_seed(1)
    model = VAE(TRUNK, 1, (5,))
    with torch.no_grad():
        model.decoder[0].weight.mul_(3)
    x = (torch.rand(4, 1, 2, 3) < 0.5).byte() * 255
    grid = torch.linspace(-8, 8, 4001)[:, None]
    with torch.no_grad():
        log_prior = -0.5 * grid.square() - 0.5 * math.log(2 * math.pi)
        bits = (x.flatten(1) > 0).float()
        each = torch.stack([-bernoulli_nats(model.decode(grid), b.expand(4001, -1)) for b in bits])  # [4, 4001]
        exact = torch.logsumexp(each + log_prior[:, 0], 1) + math.log(16 / 4000)
    rng = np.random.default_rng(0)
    with torch.no_grad():
        elbo = -torch.stack([negative_elbo(model, x, torch.randn(4, 1))[0] for _ in range(500)]).mean(0)
    assert torch.allclose(log_likelihood(model, x, 3000, rng), exact, atol=0.02)
    assert (elbo < exact + 0.02).all()


def test_codes_are_drawn_like_those_that_were_seen() -> None:
    torch.manual_seed(0)
    model = Autoencoder(TRUNK, 2, (4,))
    codes = torch.randn(5000, 2) @ torch.tensor([[2.0, 1.0], [0.0, 0.5]]) + torch.tensor([3.0, -1.0])
    model.fit_codes(codes)
    drawn = model.latents(torch.randn(50_000, 2))
    assert torch.allclose(drawn.mean(0), codes.mean(0), atol=0.05)
    assert torch.allclose(torch.cov(drawn.T), torch.cov(codes.T), atol=0.1)
    x = torch.zeros(3, 1, 2, 3, dtype=torch.uint8)
    with torch.no_grad():
        model.decoder[-1].weight.zero_()
        model.decoder[-1].bias.zero_()
    assert reconstruction(model, x).tolist() == pytest.approx([6 * math.log(2)] * 3)
