"""MADE is a density: it sums to one, and no output depends on its own input."""

from __future__ import annotations

import itertools

import pytest
import torch

from supervised.generative.blocks import bernoulli_nats
from supervised.generative.made import MADE, degrees_of


def model(pixels: int, masks: int = 1) -> MADE:
    torch.manual_seed(0)
    net = MADE(pixels, (16, 12), masks, seed=3).eval()
    with torch.no_grad():
        for p in net.parameters():
            p.normal_(0, 1.5)
    return net


EVERY = torch.tensor(list(itertools.product((0.0, 1.0), repeat=10)))  # [1024, 10]


def test_it_sums_to_one_over_all_pictures() -> None:
    net = model(10)
    assert (-net.nats(EVERY, 0)).exp().sum().item() == pytest.approx(1, abs=1e-4)


def test_a_mixture_of_orderings_sums_to_one_and_the_mean_of_their_logits_does_not() -> None:
    net = model(10, 4)
    assert (-net.mixture_nats(EVERY)).exp().sum().item() == pytest.approx(1, abs=1e-4)
    mean = torch.stack([net(EVERY, k) for k in range(4)]).mean(0)
    assert abs((-bernoulli_nats(mean, EVERY)).exp().sum().item() - 1) > 0.05


@pytest.mark.parametrize("which", [0, 1])
def test_the_jacobian_is_triangular_in_the_order(which: int) -> None:
    net = model(9, 2)
    jacobian = torch.autograd.functional.jacobian(lambda x: net(x[None], which)[0], torch.rand(9))
    by_order = net.degrees[which][0].argsort()
    rows = jacobian[by_order][:, by_order]
    assert (rows.triu() == 0).all()
    assert (rows.tril(-1) != 0).float().sum() > 20  # and the other inputs are used


def test_masks_by_hand() -> None:
    order, hidden = degrees_of(3, (4,), 0, natural=True)
    assert order.tolist() == [1, 2, 3] and set(hidden.tolist()) <= {1, 2}
    net = model(3)
    assert net(torch.zeros(1, 3))[0, 0] == net(torch.ones(1, 3))[0, 0]  # the first pixel depends on nothing
    one, two = net(torch.tensor([[0.0, 1.0, 0.0]])), net(torch.tensor([[0.0, 1.0, 1.0]]))
    assert torch.equal(one, two)  # no output sees the last pixel


def test_samples_have_the_frequencies_of_the_density() -> None:
    net = model(3)
    torch.manual_seed(1)
    drawn = net.sample(torch.rand(20_000, 3))
    every = torch.tensor(list(itertools.product((0.0, 1.0), repeat=3)))
    number = (drawn @ torch.tensor([4.0, 2.0, 1.0])).long()
    seen = torch.bincount(number, minlength=8) / 20_000
    assert torch.allclose(seen, (-net.nats(every, 0)).exp().detach(), atol=0.015)
