"""Pictures are shifted the right way, each by its own offset, and nothing wraps round to the other side."""

import torch

from parts.augment import shifted

NINE = torch.arange(1, 10, dtype=torch.uint8).reshape(3, 3)


def test_by_hand():
    moved = shifted(NINE[None], torch.tensor([[1, -1]]))
    assert moved.tolist() == [[[0, 0, 0], [2, 3, 0], [5, 6, 0]]]


def test_each_has_its_own_offset():
    """No shift; one row up; two columns right."""
    moved = shifted(NINE.expand(3, 3, 3), torch.tensor([[0, 0], [-1, 0], [0, 2]]))
    assert moved[0].tolist() == NINE.tolist()
    assert moved[1].tolist() == [[4, 5, 6], [7, 8, 9], [0, 0, 0]]
    assert moved[2].tolist() == [[0, 0, 1], [0, 0, 4], [0, 0, 7]]


def test_there_and_back():
    """Pixels away from the edge survive a shift there and back; the input picture is not modified."""
    pictures = torch.zeros(5, 8, 8, dtype=torch.uint8)
    pictures[:, 3:5, 3:5] = torch.arange(1, 21, dtype=torch.uint8).reshape(5, 2, 2)
    before = pictures.clone()
    offsets = torch.randint(-3, 4, (5, 2), generator=torch.Generator().manual_seed(0))
    assert torch.equal(shifted(shifted(pictures, offsets), -offsets), before)
    assert torch.equal(pictures, before)


def test_kind_and_shape_stay():
    moved = shifted(torch.ones(2, 28, 20), torch.tensor([[2, 2], [-2, 0]]))
    assert moved.shape == (2, 28, 20) and moved.dtype == torch.float32
    assert moved.sum((1, 2)).tolist() == [26 * 18, 26 * 20]
