"""The board networks: sizes from the paper, shapes, gradients, masks, files."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from supervised.nets.catalogue import trunk_spec
from supervised.nets.headed import HeadedNet, build, load_network, save_network
from supervised.nets.tower import BoardNorm, Tower, TowerBlock, pool
from tests.supervised.nets.test_classifiers import count

BOARD_HEADS = {"policy": 26, "reply": 26, "outcome": 3, "value": 1, "score": 1, "ownership": 1}


def board_net(masked: bool = False, heads: dict[str, Any] | None = None, kind: str = "tower8x3") -> HeadedNet:
    trunk = trunk_spec(kind, (4, 5, 5)) | ({"masked": masked} if kind.startswith("tower") else {})
    return build({"trunk": trunk, "heads": heads or BOARD_HEADS}, seed=2)


def planes(batch: int, size: int = 5, of: int = 5) -> torch.Tensor:
    """Random planes; the first masks a board of `size` points a side on a grid of `of`."""
    x = torch.zeros(batch, 4, of, of, dtype=torch.int8)
    x[:, :, :size, :size] = torch.randint(0, 2, (batch, 4, size, size), dtype=torch.int8)
    x[:, 0, :size, :size] = 1
    return x


def test_board_networks_shapes_and_gradients() -> None:
    shapes = {
        "policy": (6, 26),
        "reply": (6, 26),
        "outcome": (6, 3),
        "value": (6,),
        "score": (6,),
        "ownership": (6, 5, 5),
    }
    points = {"policy": {"kind": "points", "size": 26}, "outcome": 3}
    torch.manual_seed(0)
    for net in (board_net(), board_net(True), board_net(heads=points, kind="alphago8x4")):
        out = net(planes(6))
        assert {k: tuple(v.shape) for k, v in out.items()} == {k: shapes[k] for k in net.spec["heads"]}
        sum((v * torch.randn_like(v)).sum() for v in out.values()).backward()  # type: ignore[union-attr]
        assert [n for n, p in net.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_alphago_is_the_paper_s_size() -> None:
    """13 layers of 192 on 48 planes: 48*25*192 + 11*(192*9*192) + 192 weights, a bias per filter and per point."""
    trunk = trunk_spec("alphago192x13", (48, 19, 19))
    net = build({"trunk": trunk, "heads": {"policy": {"kind": "points", "size": 362}}})
    assert count(net) == (48 * 25 * 192 + 192) + 11 * (192 * 9 * 192 + 192) + 192 + 362


def test_global_pooling_by_hand() -> None:
    x = torch.tensor([1.0, 2.0, 3.0, 6.0]).view(1, 1, 2, 2)
    assert torch.allclose(pool(x, None), torch.tensor([[3.0, 3.0 * (2 - 14) / 10, 6.0]]))
    mask = torch.tensor([1.0, 0.0, 0.0, 0.0]).view(1, 1, 2, 2)
    assert torch.allclose(pool(x * mask, mask), torch.tensor([[1.0, 1.0 * (1 - 14) / 10, 1.0]]))
    assert pool(-x * mask, mask)[0, 2] == -1  # zero padding is excluded from the maximum


def test_masked_norm_is_the_norm_of_the_points_alone() -> None:
    torch.manual_seed(0)
    x = torch.randn(6, 3, 4, 4)
    padded = nn.functional.pad(x, (0, 3, 0, 3))
    mask = nn.functional.pad(torch.ones(6, 1, 4, 4), (0, 3, 0, 3))
    one, two = BoardNorm(3), BoardNorm(3)
    for layer in (one, two):
        nn.init.constant_(layer.bias, 0.7)
    expected, out = one(x), two(padded, mask)
    assert torch.allclose(out[:, :, :4, :4], expected, atol=1e-5)
    assert not out[:, :, 4:].any() and not out[:, :, :, 4:].any()
    for name, value in one.state_dict().items():
        assert torch.allclose(two.state_dict()[name], value, atol=1e-5), name
    assert torch.allclose(two.eval()(padded, mask)[:, :, :4, :4], one.eval()(x), atol=1e-5)


def test_a_small_board_padded_into_a_large_one_gets_the_same_answers() -> None:
    torch.manual_seed(0)
    net = board_net(masked=True)
    for _ in range(3):
        net(planes(32))  # running statistics
    net.eval()
    small = planes(6, 4, 4)
    large = nn.functional.pad(small, (0, 3, 0, 3))
    one, two = net(small), net(large)
    here = [row * 7 + column for row in range(4) for column in range(4)]
    assert torch.allclose(one["policy"][:, :16], two["policy"][:, here], atol=1e-4)
    assert torch.allclose(one["policy"][:, 16], two["policy"][:, 49], atol=1e-4)
    elsewhere = [a for a in range(49) if a not in here]
    assert (two["policy"][:, elsewhere] < -1000).all()
    for name in ("outcome", "value", "score"):
        assert torch.allclose(one[name], two[name], atol=1e-4), name
    assert torch.allclose(one["ownership"], two["ownership"][:, :4, :4], atol=1e-5)
    assert not two["ownership"][:, 4:].any()


def test_an_unmasked_tower_is_the_masked_one_on_a_full_board() -> None:
    one, two = board_net(True).eval(), board_net(False).eval()
    x = planes(4)
    for name, value in one(x).items():
        assert torch.allclose(value, two(x)[name], atol=1e-5)


def test_factors_scale_planes_inside_the_network(tmp_path: Any) -> None:
    trunk = trunk_spec("tower8x2", (2, 3, 3)) | {"factors": [1.0, 0.25]}
    net = build({"trunk": trunk, "heads": {"policy": 10}}, 1)
    x = torch.full((1, 2, 3, 3), 8, dtype=torch.int8)
    assert torch.equal(net.trunk.planes(x)[0, :, 0, 0], torch.tensor([8.0, 2.0]))  # type: ignore[union-attr,operator]
    save_network(tmp_path, net)
    assert torch.equal(load_network(tmp_path).eval()(x)["policy"], net.eval()(x)["policy"])


def test_every_third_block_pools() -> None:
    blocks = Tower((4, 5, 5), channels=8, blocks=6).blocks
    assert [isinstance(b, TowerBlock) and b.pool is not None for b in blocks] == [False, False, True] * 2
