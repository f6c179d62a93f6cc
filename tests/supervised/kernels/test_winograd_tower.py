"""Winograd convolutions: the same function as direct ones, on every board size, with and without pooling."""

from __future__ import annotations

from dataclasses import replace

import numba
import numpy as np
import pytest
import torch
from torch import nn

from supervised.kernels.fold import folded
from supervised.kernels.playing import choose_playing, for_playing
from supervised.kernels.winograd.tiles import BEYOND, product
from supervised.kernels.winograd.tower import G, WinogradTower, can_winograd
from supervised.nets.catalogue import trunk_spec
from supervised.nets.headed import HeadedNet, build
from supervised.nets.tower import BoardNorm
from tengen.device import Compute

COMPUTE = Compute(threads=1)


def trained(
    name: str, height: int, planes: int = 5, masked: bool = False, width: int = 0
) -> tuple[HeadedNet, torch.Tensor]:
    """A tower with updated norm statistics, and positions for it."""
    width = width or height
    trunk = trunk_spec(name, (planes, height, width)) | {"factors": [1.0] * (planes - 1) + [0.1], "masked": masked}
    net = build({"trunk": trunk, "heads": {"policy": height * width + 1, "outcome": 3}}, seed=1)
    torch.manual_seed(height)
    for module in net.modules():
        if isinstance(module, BoardNorm):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.3)
    x = torch.randint(0, 2, (37, planes, height, width), dtype=torch.int8)
    x[:, 0] = 1
    for _ in range(5):
        net(x)
    return net, x


def test_the_matrices_are_a_convolution() -> None:
    """F(3, 3) in one dimension: outputs of [1, 2, 3, 4, 5] with [1, 0, -1] are -2."""
    b = np.array([[2, -1, -2, 1, 0], [0, -2, -1, 1, 0], [0, 2, -3, 1, 0], [0, -1, 0, 1, 0], [0, 2, -1, -2, 1]])
    a = np.array([[1, 1, 1, 1, 0], [0, 1, -1, 2, 0], [0, 1, 1, 4, 1]])
    rng = np.random.default_rng(0)
    assert a @ ((G @ [1, 0, -1]) * (b @ [1, 2, 3, 4, 5])) == pytest.approx([-2, -2, -2])
    for _ in range(10):
        d, g = rng.normal(size=5), rng.normal(size=3)
        assert a @ ((G @ g) * (b @ d)) == pytest.approx(np.correlate(d, g, "valid"))


@numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
def _product(left: np.ndarray, right: np.ndarray, out: np.ndarray, high: int, add: bool) -> None:
    count, wide = right.shape
    product(left, 0, count, 1, high, right, 0, wide, count, out, 0, wide, wide, add)


@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize("wide", [16, 32, 48, 64, 80, 96, 112, 144])
def test_products_of_every_width_and_height(wide: int, add: bool) -> None:
    """Every kind of tile; tiles that extend past the last row write no further than declared."""
    rng = np.random.default_rng(wide)
    for high in (1, 5, 6, 8, 12, 13, 25):
        left = rng.normal(size=(high + BEYOND, 7)).astype(np.float32)
        right = rng.normal(size=(7, wide)).astype(np.float32)
        out = np.full((high + BEYOND + 1, wide), 3, np.float32)
        _product(left, right, out, high, add)
        assert out[:high] == pytest.approx(left[:high] @ right + 3 * add, abs=1e-5)
        assert (out[high + BEYOND :] == 3).all()


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (5, 5), (7, 7), (9, 9), (13, 13), (19, 19), (6, 7), (9, 4)])
def test_the_same_answers_on_every_board(shape: tuple[int, int]) -> None:
    net, x = trained("tower16x4", shape[0], width=shape[1])
    with torch.inference_mode():
        expected = folded(net)(x)
        for threads in (1, 3):
            playing = for_playing(net, replace(COMPUTE, winograd=True, threads=threads))
            assert isinstance(playing.trunk, WinogradTower)
            for name, value in playing(x).items():
                assert torch.allclose(value, expected[name], atol=2e-4), name
            one = playing(x[5:6])
            assert torch.allclose(one["policy"], expected["policy"][5:6], atol=2e-4)


@pytest.mark.parametrize("name", ["tower32x3", "tower48x3", "tower64x2"])
def test_widths_and_pooled_channels_that_are_no_whole_vectors(name: str) -> None:
    net, x = trained(name, 9, planes=18)
    with torch.inference_mode():
        expected, out = folded(net)(x), for_playing(net, replace(COMPUTE, winograd=True))(x)
    assert torch.allclose(out["policy"], expected["policy"], atol=3e-4)
    assert torch.allclose(out["outcome"], expected["outcome"], atol=3e-4)


def test_where_it_does_not_fit_the_direct_way_is_taken() -> None:
    net, x = trained("tower8x2", 5)
    assert not can_winograd(net, COMPUTE)
    masked, y = trained("tower16x2", 5, masked=True)  # on whole boards the mask changes nothing
    for one, planes in ((net, x), (masked, y)):
        playing = for_playing(one, replace(COMPUTE, winograd=True))
        assert isinstance(playing.trunk, WinogradTower) == (one is masked)
        with torch.inference_mode():
            assert torch.allclose(playing(planes)["policy"], one.eval()(planes)["policy"], atol=2e-4)
    net, _ = trained("tower16x2", 5)
    assert can_winograd(net, COMPUTE) and not can_winograd(net, replace(COMPUTE, device="cuda"))


def test_beside_heads_in_bfloat16() -> None:
    net, x = trained("tower16x2", 5)
    halves = replace(COMPUTE, precision="bfloat16", winograd=True)
    with torch.inference_mode(), halves.autocast():
        found = for_playing(net, halves)(x)["policy"]
    with torch.inference_mode():
        expected = net.eval()(x)["policy"]
    assert found.dtype == torch.bfloat16 and (found - expected).norm() < 0.01 * expected.norm()


def test_the_faster_way_is_measured() -> None:
    net, x = trained("tower32x3", 9)
    chosen, rates = choose_playing(net, COMPUTE, x)
    assert len(rates) == 2 and chosen.winograd == (rates["playing, winograd"] > 1.1 * rates["playing, direct"])
    assert choose_playing(net, COMPUTE, x, "winograd") == (replace(COMPUTE, winograd=True), {})
    assert choose_playing(net, COMPUTE, x, "direct") == (COMPUTE, {})
    net, x = trained("tower8x2", 5)
    assert choose_playing(net, COMPUTE, x) == (COMPUTE, {})
