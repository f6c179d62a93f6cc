"""Screens computed only where they differ from the background: same values and gradients as full convolutions."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from supervised.kernels.foreground import maps as foreground
from supervised.kernels.foreground.trunk import ForegroundCNN
from supervised.kernels.learning import choose_learning, for_learning
from supervised.nets.blocks import Scale
from supervised.nets.cnn import ScreenCNN
from supervised.nets.headed import build
from tengen.device import Compute

SHAPE = (4, 84, 84)


def screens(batch: int, share: float, seed: int = 0) -> torch.Tensor:
    """[B, 4, 84, 84] uint8: a static image, with a box of noise per screen that covers `share` of it."""
    random = torch.Generator().manual_seed(seed)
    out = torch.randint(0, 256, SHAPE, dtype=torch.uint8, generator=random).repeat(batch, 1, 1, 1)
    side = round(84 * share**0.5)
    for one in out:
        y, x = (int(torch.randint(0, 85 - side, (), generator=random)) for _ in range(2))
        one[:, y : y + side, x : x + side] = torch.randint(0, 256, (4, side, side), dtype=torch.uint8, generator=random)
    return out


def trunk(variant: str, **options: Any) -> ScreenCNN:
    torch.manual_seed(1)
    made = ScreenCNN(SHAPE, variant, **options)
    if made.scale.centred:
        made.scale.calibrate(torch.rand(84, 84) * 255, 60.0)
    for parameter in made.parameters():
        nn.init.normal_(parameter, std=0.05)  # biases too
    return made


class _ExactScale(nn.Module):
    def __init__(self, scale: Scale) -> None:
        super().__init__()
        self.centre, self.factor = scale.centre if scale.centred else torch.tensor(0), scale.factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x.double() - self.centre) * self.factor


@contextmanager
def on_threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def both(net: ScreenCNN, x: torch.Tensor, threads: int, foreground: bool = True) -> list[dict[str, torch.Tensor]]:
    """Output and gradients in float64, and those of the foreground trunk or of `net` itself."""
    exact = copy.deepcopy(net).double()
    exact.scale = _ExactScale(exact.scale)  # type: ignore[assignment]
    ours = ForegroundCNN(net) if foreground else net
    found = []
    with on_threads(threads):
        for one in (exact, ours):
            with torch.autocast("cpu", enabled=one is ours and torch.is_autocast_enabled("cpu")):
                out = one(x)
            (out * torch.linspace(-1, 1, out.numel()).view_as(out)).sum().backward()
            found.append({"out": out.detach()} | {n: p.grad for n, p in one.named_parameters() if p.grad is not None})
    return found


CASES = pytest.mark.parametrize(("batch", "share"), [(1, 0.1), (5, 0.0), (40, 0.02), (70, 0.2), (9, 1.0)])


@CASES
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("options", [{}, {"centre": True}, {"norm": True}], ids=["plain", "centre", "norm"])
@pytest.mark.parametrize("variant", ["small", "nature"])
def test_whole_trunks(variant: str, options: dict[str, Any], batch: int, share: float, threads: int) -> None:
    """From no motion to motion everywhere. A unit that rounding moves across its ReLU threshold counts little."""
    exact, ours = both(trunk(variant, **options), screens(batch, share), threads)
    for name, value in exact.items():
        assert (ours[name] - value).norm() <= 5e-3 * value.norm(), name


@CASES
@pytest.mark.parametrize("variant", ["small", "nature"])
def test_without_edges_no_more_than_rounding(variant: str, batch: int, share: float) -> None:
    net = trunk(variant, centre=True)
    net.convolutions = nn.Sequential(*(layer for layer in net.convolutions if not isinstance(layer, nn.ReLU)))
    net.linear = nn.Identity()
    exact, ours = both(net, screens(batch, share), threads=1)
    assert exact.keys() == ours.keys() and len(exact) > 4
    for name, value in exact.items():
        assert (ours[name] - value).abs().max() <= 1e-4 * value.abs().max(), name


@CASES
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("variant", ["small", "nature"])
def test_in_bfloat16(variant: str, batch: int, share: float, threads: int) -> None:
    """As close to float64 as full convolutions in bfloat16, up to a factor of two."""
    net, x = trunk(variant, centre=True), screens(batch, share)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        whole = both(copy.deepcopy(net), x, threads, foreground=False)[1]
        exact, ours = both(net, x, threads)
    for name, value in exact.items():
        error, usual = ((one[name] - value).norm() / value.norm() for one in (ours, whole))
        assert error <= max(2 * usual, 5e-3), name


def test_threads_make_no_difference() -> None:
    """In the kernels: matrix products round differently with the library's thread count."""
    net, x = trunk("small"), screens(96, 0.05)
    found = []
    for threads in (1, 3):
        with on_threads(threads):
            maps = foreground._first(net.convolutions[0], x, net.scale)  # type: ignore[arg-type]
        assert maps is not None
        found.append((maps.place, torch.from_numpy(maps.row), maps.other))
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


def test_few_shapes_of_products() -> None:
    """Patch counts are rounded up to sixteen sizes per octave, at most a sixteenth too large; extra rows are zero."""
    counts = range(1, 2048)
    rows = [len(foreground._empty(count, 8, torch.float32)) for count in counts]
    assert all(count <= r <= count * 17 / 16 + 1 for count, r in zip(counts, rows, strict=True))
    assert len({r for r in rows if 512 < r <= 1024}) == 16
    assert not foreground._empty(1000, 8, torch.bfloat16)[1000:].any()
    assert len(foreground._empty(0, 8, torch.float32)) == 0


def test_only_the_foreground_is_computed() -> None:
    """A box of 8 x 8 touches at most nine patches of the first layer; none of those is skipped."""
    net, x = trunk("small"), torch.full((12, *SHAPE), 7, dtype=torch.uint8)
    x[3, 2, 40:48, 20:28] = 200  # rows 40 to 47: patches 9 (36 to 43) to 11 (44 to 51)
    maps = foreground._first(net.convolutions[0], x, net.scale)  # type: ignore[arg-type]
    assert maps is not None
    assert maps.place.tolist() == [(3 * 20 + i) * 20 + j for i in range(9, 12) for j in range(4, 7)]
    after = foreground._next(net.convolutions[2], foreground._relu(maps))  # type: ignore[arg-type]
    assert after.place.tolist() == [(3 * 9 + i) * 9 + j for i in range(3, 6) for j in range(1, 4)]


def test_screens_of_any_size() -> None:
    for shape in ((4, 85, 85), (4, 60, 90), (4, 87, 86)):  # rows of 340, 360 and 344 bytes
        net = ScreenCNN(shape)
        x = torch.zeros(20, *shape, dtype=torch.uint8)
        x[::3, :, 30:40, 50:60] = 200
        assert torch.allclose(ForegroundCNN(net)(x), net(x), atol=1e-5)


def test_screens_in_either_layout() -> None:
    net, x = ForegroundCNN(trunk("small")), screens(20, 0.1)
    assert torch.equal(net(x), net(x.contiguous(memory_format=torch.channels_last)))


def test_a_frozen_trunk_and_playing() -> None:
    net, x = ForegroundCNN(trunk("small").requires_grad_(False)), screens(150, 0.1)
    with torch.inference_mode():
        played = net(x)
    assert not net(x).requires_grad and torch.equal(net(x), played)


def test_few_screens_are_played_on_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    net, x = ForegroundCNN(trunk("small")), screens(130, 0.1)
    with torch.no_grad():
        whole, many = net(x[:16]), net(x)
        monkeypatch.delattr(foreground, "run")
        assert torch.equal(net(x[:16]), whole) and torch.allclose(many[:16], whole, atol=1e-4)
        with pytest.raises(AttributeError):
            net(x)


def test_chosen_where_it_is_faster() -> None:
    spec = {"trunk": {"kind": "nature", "input_shape": list(SHAPE)}, "heads": {"policy": 6}}
    given: dict[str, Any] = {"threads": 1, "device": "cpu", "precision": "float32", "layout": "channels-last"}
    still = screens(64, 0.0)
    compute, rates = choose_learning(spec, still, **given)
    assert compute == Compute(threads=1, foreground=True) and "foreground" in str(compute)
    assert rates["float32, foreground"] > rates["direct"]
    assert isinstance(for_learning(build(spec, 1), compute).trunk, ForegroundCNN)
    assert isinstance(for_learning(build(spec, 1), replace(compute, foreground=False)).trunk, ScreenCNN)
    assert not choose_learning(spec, still, **given | {"layout": "default"})[0].foreground
    assert not choose_learning(spec, still, convolutions="direct", **given)[0].foreground
    assert not choose_learning(spec, still.float(), **given)[0].foreground
    boards = {"trunk": {"kind": "mlp", "input_shape": [4]}, "heads": {"policy": 2}}
    assert not choose_learning(boards, torch.zeros(8, 4), **given)[0].foreground


@pytest.mark.parametrize(("gain", "taken"), [(1.0, False), (1.09, False), (1.11, True)])
def test_a_gain_must_be_clear(gain: float, taken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With given rates: on a busy machine, measured ones sometimes differ by more than a tenth."""

    def rates(backends: list[Compute], *_: Any, **__: Any) -> dict[Compute, float]:
        return {backend: 100 * gain if backend.foreground else 100.0 for backend in backends}

    monkeypatch.setattr("supervised.kernels.learning.training_rates", rates)
    spec = {"trunk": {"kind": "nature", "input_shape": list(SHAPE)}, "heads": {"policy": 6}}
    given: dict[str, Any] = {"threads": 1, "device": "cpu", "precision": "float32", "layout": "channels-last"}
    assert choose_learning(spec, screens(64, 1.0), **given)[0].foreground == taken


@pytest.mark.parametrize(
    "layer",
    [nn.Conv2d(4, 8, 8, 4, padding=1), nn.Conv2d(4, 8, 7, 4), nn.Conv2d(3, 8, 8, 4), nn.Conv2d(4, 8, (8, 4), 4)],
)
def test_other_layers_do_not_fit(layer: nn.Conv2d) -> None:
    assert not foreground.fits(nn.Sequential(layer)) and not foreground.fits(nn.Sequential(nn.ReLU()))
