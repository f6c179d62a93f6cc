"""The U-Net: the paper's sizes, and overfitting a single scene."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from supervised.data.scenes import compose
from supervised.generative.unet import UNet, confusion, cropped, intersection_over_union, pixel_loss
from supervised.nets.headed import build


def test_572_pixels_become_388_without_padding() -> None:
    net = UNet((1, 572, 572), 2, (1, 1, 1, 1, 1), padding=0)
    with torch.no_grad():
        assert net(torch.zeros(1, 1, 572, 572)).shape == (1, 2, 388, 388)


def test_with_padding_a_scene_keeps_its_size() -> None:
    assert UNet((1, 32, 48), 3, (4, 8, 8))(torch.zeros(2, 1, 32, 48, dtype=torch.uint8)).shape == (2, 3, 32, 48)


def test_crops_are_from_the_middle() -> None:
    assert cropped(torch.arange(25.0).view(1, 1, 5, 5), (1, 3)).flatten().tolist() == [11, 12, 13]


def test_it_learns_one_scene_by_heart() -> None:
    rng = np.random.default_rng(1)
    digits = np.zeros((2, 8, 8, 1), np.uint8)
    digits[0, :, 3:5], digits[1, 3:5] = 255, 255  # a vertical bar, a horizontal bar
    scene, classes = (torch.from_numpy(a) for a in compose(digits, np.array([0, 1]), 1, rng, side=24))
    torch.manual_seed(0)
    net = UNet((1, 24, 24), 3, (8, 16))
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(120):
        optimiser.zero_grad()
        pixel_loss(net(scene), classes).backward()
        optimiser.step()
    counts = confusion(net(scene), classes).sum(0)
    assert intersection_over_union(counts).min() > 0.95


def test_intersection_over_union_by_hand() -> None:
    said = torch.tensor([[[0, 1], [1, 1]]])
    logits = torch.nn.functional.one_hot(said, 3).permute(0, 3, 1, 2).float()
    counts = confusion(logits, torch.tensor([[[0, 0], [1, 1]]]))
    assert counts.tolist() == [[[1, 2, 0], [1, 3, 0], [2, 2, 0]]]
    ratio = intersection_over_union(counts.sum(0))
    assert ratio[:2].tolist() == pytest.approx([1 / 2, 2 / 3]) and ratio[2].isnan()


def test_a_scene_s_pixels_have_the_class_of_the_digit_on_top() -> None:
    full = np.full((1, 8, 8, 1), 255, np.uint8)
    scenes, classes = compose(full, np.array([7]), 3, np.random.default_rng(0), side=16)
    assert scenes.shape == (3, 1, 16, 16) and scenes.dtype == np.uint8
    assert set(np.unique(classes)) == {0, 8}
    assert (scenes[:, 0][classes == 8] >= 150).all() and scenes[:, 0][classes == 0].mean() < 40


def test_the_contracting_path_is_a_trunk() -> None:
    net = UNet((1, 16, 16), 3, (4, 8))
    own = build(net.contracting.spec | {"heads": {"classes": 10}})
    own.trunk.load_state_dict(net.contracting.trunk.state_dict())
    assert own(torch.zeros(2, 1, 16, 16, dtype=torch.uint8))["classes"].shape == (2, 10)
