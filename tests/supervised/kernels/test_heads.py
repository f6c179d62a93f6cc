"""Heads computed together equal each computed alone."""

from __future__ import annotations

import pytest
import torch

from supervised.kernels.fold import folded
from supervised.kernels.heads import JoinedHeads, can_join
from supervised.nets.headed import build

HEADS = {"policy": 26, "outcome": 3, "ownership": 1, "score": 1}


@pytest.mark.parametrize("names", [tuple(HEADS), ("policy", "outcome"), ("policy", "value", "score")])
def test_joined_heads_are_the_heads(names: tuple[str, ...]) -> None:
    spec = {
        "trunk": {"kind": "tower", "input_shape": [18, 5, 5], "channels": 16, "blocks": 2},
        "heads": {name: HEADS.get(name, 1) for name in names},
    }
    net = build(spec, 1)
    with torch.no_grad():
        for weight in net.parameters():
            weight.add_(0.1 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(weight.numel())))
        net.train()
        net(torch.randint(0, 2, (64, 18, 5, 5), generator=torch.Generator().manual_seed(0)))  # statistics of norms
    made = folded(net)
    heads = dict(made.heads.items())
    assert can_join(heads)
    planes = torch.randint(0, 2, (7, 18, 5, 5), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        board = made.trunk(planes)
        joined, apart = JoinedHeads(heads)(board), {name: head(board) for name, head in heads.items()}
    assert joined.keys() == apart.keys()
    for name, expected in apart.items():
        assert joined[name].shape == expected.shape and expected.std() > 1e-3
        torch.testing.assert_close(joined[name], expected, atol=1e-5, rtol=1e-4, msg=name)


def test_heads_of_other_kinds_are_not_joined() -> None:
    spec = {
        "trunk": {"kind": "tower", "input_shape": [3, 6, 7], "channels": 16, "blocks": 1},
        "heads": {"policy": {"kind": "moves", "size": 7}, "outcome": 3},
    }
    assert not can_join(dict(build(spec, 1).heads.items()))
