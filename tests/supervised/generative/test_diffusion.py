"""Diffusion with known answers: moments of the forward process, and the reverse process for Gaussian data."""

from __future__ import annotations

import pytest
import torch

from supervised.generative.denoiser import Denoiser, time_embedding
from supervised.generative.diffusion import (
    cosine_schedule,
    denoising_loss,
    diffuse,
    guided,
    linear_schedule,
    sample,
)


@pytest.mark.parametrize("make", [linear_schedule, cosine_schedule])
def test_schedules_fall_from_the_picture_to_noise(make: object) -> None:
    abar = make(1000)  # type: ignore[operator]
    assert len(abar) == 1001 and abar[0] == 1 and (abar[1:] < abar[:-1]).all() and abar[-1] < 1e-4
    assert make(50)[-1] < 1e-3  # type: ignore[operator]


def test_linear_schedule_by_hand() -> None:
    abar = linear_schedule(1000)
    assert abar[1].item() == pytest.approx(1 - 1e-4) and abar[2].item() == pytest.approx(
        (1 - 1e-4) * (1 - 1e-4 - 0.0199 / 999), abs=1e-7
    )


def test_moments_of_what_is_diffused_at_once_and_step_by_step() -> None:
    torch.manual_seed(0)
    abar = linear_schedule(20)
    x = torch.full((100_000,), 0.7)
    at_once = diffuse(x, torch.full((100_000,), 12), torch.randn(100_000), abar)
    stepwise = x
    for t in range(1, 13):
        beta = 1 - abar[t] / abar[t - 1]
        stepwise = (1 - beta).sqrt() * stepwise + beta.sqrt() * torch.randn(100_000)  # Eq. 2
    for found in (at_once, stepwise):
        assert found.mean().item() == pytest.approx(0.7 * abar[12].sqrt().item(), abs=0.01)
        assert found.var().item() == pytest.approx(1 - abar[12].item(), abs=0.01)


MEAN, DEVIATION = 0.4, 0.3


def exact_noise(abar: torch.Tensor) -> object:
    """E[eps | x_t] for data N(MEAN, DEVIATION^2): x_t and eps are jointly Gaussian."""

    def eps(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        a = abar[t]
        return (1 - a).sqrt() * (x - a.sqrt() * MEAN) / (a * DEVIATION**2 + 1 - a)

    return eps


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_with_the_closed_form_denoiser_samples_are_the_data(eta: float) -> None:
    abar = linear_schedule(1000)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(20_000, generator=generator)
    found = sample(exact_noise(abar), x, abar, 1000, eta=eta, clip=False, generator=generator)  # type: ignore[arg-type]
    assert found.mean().item() == pytest.approx(MEAN, abs=0.01)
    assert found.std().item() == pytest.approx(DEVIATION, abs=0.01)


def test_two_steps_of_a_walk_without_noise_by_hand() -> None:
    abar = torch.tensor([1.0, 0.8, 0.5])
    x = torch.tensor([2.0])
    seen = (2 - 0.5**0.5 * 0.1) / 0.5**0.5  # eps is 0.1 at both times
    middle = 0.8**0.5 * seen + 0.2**0.5 * 0.1
    last = (middle - 0.2**0.5 * 0.1) / 0.8**0.5
    found = sample(lambda x, t: torch.full_like(x, 0.1), x, abar, 2, clip=False)
    assert found.item() == pytest.approx(last, abs=1e-5)
    assert sample(lambda x, t: torch.full_like(x, 0.1), x, abar, 2).item() == pytest.approx(1)  # clipped


def test_no_network_beats_the_closed_form_denoiser() -> None:
    torch.manual_seed(0)
    abar = linear_schedule(200)
    x = MEAN + DEVIATION * torch.randn(50_000)
    best = denoising_loss(exact_noise(abar), x, abar).item()  # type: ignore[arg-type]
    a = abar[1:]
    assert best == pytest.approx((a * DEVIATION**2 / (a * DEVIATION**2 + 1 - a)).mean().item(), abs=0.01)
    assert denoising_loss(lambda x, t: 0.9 * exact_noise(abar)(x, t), x, abar).item() > best  # type: ignore[operator]


def test_guidance_by_hand() -> None:
    def model(x: torch.Tensor, t: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        return classes.float().view(-1, 1).expand_as(x)

    x, t, classes = torch.zeros(2, 3), torch.ones(2).long(), torch.tensor([3, 5])
    assert torch.equal(guided(model, classes, 10, 2.0)(x, t)[:, 0], torch.tensor([3 * 3.0 - 20, 3 * 5.0 - 20]))
    assert torch.equal(guided(model, classes, 10, 0.0)(x, t)[:, 0], classes.float())


def test_the_denoiser_reads_time_and_class_and_every_size() -> None:
    torch.manual_seed(0)
    net = Denoiser(1, 10, (8, 8, 16))
    x = torch.randn(2, 1, 28, 28)
    assert (net(x, torch.tensor([5, 5]), torch.tensor([0, 1])) == 0).all()  # starts at zero
    torch.nn.init.normal_(net.last.weight)
    for block in net.up:
        torch.nn.init.normal_(block.conv2.weight)  # type: ignore[union-attr,arg-type]
    same = net(x[:1].repeat(3, 1, 1, 1), torch.tensor([5, 5, 90]), torch.tensor([0, 1, 0]))
    assert (same[0] != same[1]).any() and (same[0] != same[2]).any()
    assert Denoiser(4, 2, (8, 16))(torch.randn(2, 4, 7, 7), torch.ones(2).long(), torch.ones(2).long()).shape[2] == 7
    assert time_embedding(torch.tensor([0, 1]), 4)[0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_every_parameter_of_the_denoiser_learns() -> None:
    torch.manual_seed(0)
    net = Denoiser(1, 2, (8, 16))
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-2)
    x, abar = torch.randn(4, 1, 8, 8), linear_schedule(50)
    begun = {name: p.clone() for name, p in net.named_parameters()}
    for _ in range(3):
        optimiser.zero_grad()
        denoising_loss(lambda x, t: net(x, t, torch.tensor([0, 1, 2, 2])), x, abar).backward()
        optimiser.step()
    assert [name for name, p in net.named_parameters() if torch.equal(p, begun[name])] == []
