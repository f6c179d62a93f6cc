"""The GAN game where its solution is known."""

from __future__ import annotations

import math

import pytest
import torch

from supervised.generative.gan import (
    Discriminator,
    Generator,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    variety,
)


def test_losses_by_hand() -> None:
    undecided = torch.zeros(3)
    assert discriminator_loss(undecided, undecided).item() == pytest.approx(math.log(4))
    assert generator_loss(undecided).item() == pytest.approx(math.log(2))
    assert discriminator_loss(torch.tensor([math.log(3)]), torch.tensor([-math.log(3)])).item() == pytest.approx(
        -2 * math.log(3 / 4)
    )


def test_the_best_discriminator_on_four_things() -> None:
    """D* = p / (p + q) (Proposition 1), found by gradient descent on a table of logits."""
    p, q = torch.tensor([0.5, 0.3, 0.2, 1e-9]), torch.tensor([0.1, 0.3, 0.2, 0.4])
    logits = torch.zeros(4, requires_grad=True)
    optimiser = torch.optim.Adam([logits], lr=0.1)
    real = torch.multinomial(p, 50_000, True, generator=torch.Generator().manual_seed(0))
    made = torch.multinomial(q, 50_000, True, generator=torch.Generator().manual_seed(1))
    for _ in range(300):
        optimiser.zero_grad()
        discriminator_loss(logits[real], logits[made]).backward()
        optimiser.step()
    assert torch.allclose(logits.sigmoid()[:3], (p / (p + q))[:3], atol=0.02)
    assert logits[3].sigmoid() < 0.02
    best = discriminator_loss(logits[real], logits[made]).item()
    mixed = (p + q) / 2
    jensen_shannon = 0.5 * (p * (p / mixed).log()).sum() + 0.5 * (q * (q / mixed).log()).sum()
    assert best == pytest.approx(math.log(4) - 2 * jensen_shannon.item(), abs=0.02)  # Theorem 1


def test_the_gradient_penalty_of_a_linear_discriminator_is_half_its_weight_squared() -> None:
    w, x = torch.tensor([3.0, 4.0]), torch.randn(5, 2, requires_grad=True)
    assert gradient_penalty(x @ w, x).item() == pytest.approx(12.5)


@pytest.mark.parametrize("side", [2, 7])
def test_shapes(side: int) -> None:
    pictures = Generator(6, 1, side, 4)(torch.randn(3, 6))
    assert pictures.shape == (3, 1, 4 * side, 4 * side) and pictures.abs().max() <= 1
    assert Discriminator(1, side, 4)(pictures).shape == (3,)


def test_the_variety_of_each_group_is_its_own() -> None:
    x = torch.zeros(4, 2, 1, 1)
    x[0, 0], x[1, 0] = 1, 3  # deviation 1 in the first feature, 0 in the second; the second group is all alike
    assert torch.allclose(variety(x, 2).flatten(), torch.tensor([0.5, 0.5, 0, 0]), atol=1e-3)
    assert torch.allclose(variety(x, 1), torch.zeros(4, 1, 1, 1), atol=1e-3)


def test_the_discriminator_sees_whether_pictures_are_all_alike() -> None:
    torch.manual_seed(1)
    d, pictures = Discriminator(1, 2, 4, group=2), torch.randn(4, 1, 8, 8)
    assert not torch.allclose(d(pictures), d(pictures[[0, 3, 2, 1]])[[0, 3, 2, 1]])  # other company, another logit
    assert torch.allclose(d(pictures), d(pictures[[2, 3, 0, 1]])[[2, 3, 0, 1]])
