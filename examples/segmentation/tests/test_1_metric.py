"""Intersection over union: a scene of four pixels by hand, a perfect prediction, a class that is left out."""

import math

import torch

from parts.metric import mean_iou, overlaps


def test_four_pixels_by_hand():
    """Predicted 0 0 1 1, true 0 1 1 2: class 0 in 1 of 2 pixels, 1 in 1 of 3, 2 in 0 of 1; class 3 is nowhere."""
    counts = overlaps(torch.tensor([[0, 0], [1, 1]]), torch.tensor([[0, 1], [1, 2]]), 4)
    assert counts.tolist() == [[1, 2, 1], [1, 2, 2], [0, 0, 1], [0, 0, 0]]
    assert math.isclose(mean_iou(counts), (1 / 2 + 1 / 3 + 0) / 3, rel_tol=1e-6)


def test_what_is_right_everywhere_has_one():
    true = torch.randint(5, (3, 8, 8), generator=torch.Generator().manual_seed(0))
    assert mean_iou(overlaps(true, true, 11)) == 1.0


def test_counts_can_be_added():
    said, true = (torch.randint(4, (6, 8, 8), generator=torch.Generator().manual_seed(i)) for i in (0, 1))
    parts = sum(overlaps(said[i : i + 2], true[i : i + 2], 4) for i in (0, 2, 4))
    assert torch.equal(parts, overlaps(said, true, 4))


def test_all_ground():
    """Ten pixels, one of them a digit, all predicted as ground: 9/10 for the ground, 0 for the digit."""
    true = torch.zeros(10, dtype=torch.int64)
    true[3] = 7
    assert math.isclose(mean_iou(overlaps(torch.zeros_like(true), true, 11)), 0.45, rel_tol=1e-6)
