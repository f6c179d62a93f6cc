"""A small Boltzmann machine by enumeration: energies, conditionals, gradients, and log Z by annealing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from supervised.generative.ais import annealing, exact_log_partition, log_partition
from supervised.generative.rbm import RBM, contrastive_divergence


def machine(visible: int, hidden: int, scale: float) -> RBM:
    torch.manual_seed(0)
    model = RBM(visible, hidden, chains=4000)
    with torch.no_grad():
        for p in model.parameters():
            p.normal_(0, scale)
    return model


def every(bits: int) -> torch.Tensor:
    return torch.tensor(list(itertools.product((0.0, 1.0), repeat=bits)))


def test_free_energy_and_conditionals_are_those_of_the_joint() -> None:
    model = machine(3, 4, 1.0)
    v, h = every(3), every(4)
    minus_energy = (v @ model.visible_bias)[:, None] + h @ model.hidden_bias + v @ model.weight @ h.T  # [8, 16]
    assert torch.allclose(-model.free_energy(v), torch.logsumexp(minus_energy, 1), atol=1e-5)
    joint = minus_energy.flatten().softmax(0).view(8, 16)
    given_v = joint / joint.sum(1, keepdim=True)
    assert torch.allclose(model.hidden_given(v), given_v @ h, atol=1e-5)
    given_h = (joint / joint.sum(0)).T
    assert torch.allclose(model.visible_given(h), given_h @ v, atol=1e-5)
    assert exact_log_partition(model) == pytest.approx(torch.logsumexp(minus_energy.flatten(), 0).item(), abs=1e-5)


def test_annealing_is_within_a_tenth_of_a_nat_of_the_sum() -> None:
    model = machine(20, 10, 0.8)
    found = log_partition(model, 200, 1000, np.random.default_rng(0))
    exact = exact_log_partition(model)
    assert found.log_z == pytest.approx(exact, abs=0.1)
    assert found.low < exact < found.high


def test_temperatures_rise_from_nothing_to_all() -> None:
    betas = annealing(1000)
    assert betas[0] == 0 and betas[-1] == 1 and 990 <= len(betas) <= 1010
    assert all(a < b for a, b in itertools.pairwise(betas))


@pytest.mark.parametrize("persistent", [False, True])
def test_long_chains_give_the_gradient_of_the_likelihood(persistent: bool) -> None:
    model = machine(4, 3, 0.7)
    data = torch.tensor([[1.0, 0.0, 1.0, 1.0]] * 4000)
    rng = np.random.default_rng(0)
    contrastive_divergence(model, data, 40, persistent, rng).backward()
    found = [p.grad.clone() for p in model.parameters() if p.grad is not None]
    model.zero_grad()
    exact = model.free_energy(data[:1]).mean() + torch.logsumexp(-model.free_energy(every(4)), 0)  # -log p
    exact.backward()
    wanted = [p.grad for p in model.parameters() if p.grad is not None]
    for one, other in zip(found, wanted, strict=True):
        assert torch.allclose(one, other, atol=0.03)
