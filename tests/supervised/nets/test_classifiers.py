"""The classifiers' and boards' networks: sizes from the papers, shapes, gradients, modes, masks, files."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from supervised.kernels.fold import folded
from supervised.nets.catalogue import NAMES, trunk_spec
from supervised.nets.headed import HeadedNet, build, load_network, save_network
from supervised.nets.resnet import Block, Shortcut
from supervised.nets.tower import BoardNorm, Tower, TowerBlock, pool
from tengen.errors import UserError

BOARD_HEADS = {"policy": 26, "reply": 26, "outcome": 3, "value": 1, "score": 1, "ownership": 1}


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def classifier(name: str, shape: tuple[int, int, int], classes: int = 10) -> HeadedNet:
    return build({"trunk": trunk_spec(name, shape), "heads": {"classes": classes}}, seed=1)


@pytest.mark.parametrize(
    ("name", "shape", "classes", "weights"),
    [
        ("lenet", (1, 28, 28), 10, 156 + 2416 + 48120 + 10164 + 850),  # LeCun 1998, with a full second layer
        ("resnet20", (3, 32, 32), 10, 269_722),  # He 2015, table 6: 0.27 M
        ("resnet56", (3, 32, 32), 10, 853_018),  # 0.85 M
        ("resnet110", (3, 32, 32), 10, 1_727_962),  # 1.7 M
        ("resnet18", (3, 64, 64), 1000, 11_689_512),
        ("resnet34", (3, 64, 64), 1000, 21_797_672),
        ("resnet50", (3, 64, 64), 1000, 25_557_032),
    ],
)
def test_weights_are_as_many_as_published(name: str, shape: tuple[int, int, int], classes: int, weights: int) -> None:
    assert count(classifier(name, shape, classes)) == weights


def test_every_name_makes_a_network_whose_every_weight_learns() -> None:
    for name in NAMES:
        if name in ("resnet101", "resnet110", "preact110", "resnet56", "preact56", "resnet44", "preact44"):
            continue  # the same code, deeper
        shape = (4, 84, 84) if name in ("small", "nature", "impala") else (3, 32, 32)
        net = classifier(name, shape)
        out = net(torch.randint(0, 256, (4, *shape), dtype=torch.uint8))["classes"]
        assert out.shape == (4, 10)
        out.square().sum().backward()
        learned = [(n, p) for n, p in net.named_parameters() if p.requires_grad]
        assert [n for n, p in learned if p.grad is None or not p.grad.any()] == [], name


@pytest.mark.parametrize("name", ["lenet", "resnet20", "preact20", "vgg", "airbench"])
def test_a_classifier_overfits_one_batch_and_tests_without_batch_statistics(name: str) -> None:
    torch.manual_seed(0)
    net = classifier(name, (3, 32, 32))
    x, y = torch.randint(0, 256, (16, 3, 32, 32), dtype=torch.uint8), torch.arange(16) % 10
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(40):
        loss = nn.functional.cross_entropy(net(x)["classes"], y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.2
    net.eval()
    alone = torch.cat([net(one[None])["classes"] for one in x])
    assert torch.allclose(alone, net(x)["classes"], atol=1e-3)
    assert torch.equal(net(x)["classes"], net(x)["classes"])


def test_airbench_sees_patches_whitened_and_keeps_its_stem() -> None:
    torch.manual_seed(0)
    smooth = nn.functional.interpolate(torch.rand(64, 3, 4, 4), 32, mode="bilinear")
    pictures = (255 * smooth + 20 * torch.rand(64, 3, 32, 32)).clamp(0, 255).byte()
    net = classifier("airbench", (3, 32, 32))
    trunk: Any = net.trunk
    values = pictures.float() / 255
    trunk.normalise.calibrate(values.mean((0, 2, 3)), values.std((0, 2, 3)))
    trunk.whiten(pictures)
    seen = trunk.whitening(trunk.normalise(pictures))  # [64, 24, 31, 31]
    assert torch.allclose(seen[:, :12], -seen[:, 12:], atol=1e-5)
    spread = torch.cov(seen[:, :12].transpose(0, 1).flatten(1))
    assert torch.allclose(spread - spread.diag().diag(), torch.zeros(12, 12), atol=1e-2)
    assert (spread.diag() < 1.001).all() and spread[0, 0] > 0.99  # the 5e-4 counts in the weakest directions only
    before = trunk.whitening.weight.clone()
    net(pictures)["classes"].sum().backward()
    assert trunk.whitening.weight.grad is None and torch.equal(before, trunk.whitening.weight)


def test_airbench_starts_as_the_identity_of_what_comes_in() -> None:
    trunk: Any = classifier("airbench", (3, 32, 32)).trunk
    x = torch.rand(2, 24, 8, 8)
    assert torch.allclose(trunk.layers[1](x)[:, :24], x, atol=1e-6)


def test_option_a_shortcut_by_hand() -> None:
    x = torch.arange(16.0).view(1, 1, 4, 4)
    out = Shortcut(1, 3, 2)(x)
    assert out.shape == (1, 3, 2, 2) and torch.equal(out[0, 0], torch.tensor([[0.0, 2.0], [8.0, 10.0]]))
    assert not out[0, 1:].any()


@pytest.mark.parametrize("preact", [False, True])
def test_a_block_whose_branch_is_zero_is_the_identity(preact: bool) -> None:
    block = Block(4, 4, 1, bottleneck=False, preact=preact, projected=False).eval()
    nn.init.zeros_(block.convs[1].weight)  # type: ignore[arg-type]
    x = torch.randn(2, 4, 5, 5)
    assert torch.allclose(block(x), x if preact else x.relu())


def test_names_that_do_not_exist_are_answered_with_near_ones() -> None:
    for wrong in ("resnet21", "resent20", "preact18", "tower", "tower64"):
        with pytest.raises(UserError, match="no network named"):
            trunk_spec(wrong, (3, 32, 32))
    with pytest.raises(UserError, match="--net vgg"):
        trunk_spec("resnet20", (3, 32, 32), dropout=0.5)
    with pytest.raises(UserError, match="no head named 'q'"):
        build({"trunk": trunk_spec("tower8x2", (4, 5, 5)), "heads": {"q": 3}})


# --- boards -----------------------------------------------------------------------------------------------------


def board_net(masked: bool = False, heads: dict[str, Any] | None = None, kind: str = "tower8x3") -> HeadedNet:
    trunk = trunk_spec(kind, (4, 5, 5)) | ({"masked": masked} if kind.startswith("tower") else {})
    return build({"trunk": trunk, "heads": heads or BOARD_HEADS}, seed=2)


def planes(batch: int, size: int = 5, of: int = 5) -> torch.Tensor:
    """Random planes whose first is the board: `size` points a side of `of`."""
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
    """13 layers of 192 on 48 planes: 48*25*192 + 11*(192*9*192) + 192 weights, a bias a filter, one a point."""
    trunk = trunk_spec("alphago192x13", (48, 19, 19))
    net = build({"trunk": trunk, "heads": {"policy": {"kind": "points", "size": 362}}})
    assert count(net) == (48 * 25 * 192 + 192) + 11 * (192 * 9 * 192 + 192) + 192 + 362


def test_global_pooling_by_hand() -> None:
    x = torch.tensor([1.0, 2.0, 3.0, 6.0]).view(1, 1, 2, 2)
    assert torch.allclose(pool(x, None), torch.tensor([[3.0, 3.0 * (2 - 14) / 10, 6.0]]))
    mask = torch.tensor([1.0, 0.0, 0.0, 0.0]).view(1, 1, 2, 2)
    assert torch.allclose(pool(x * mask, mask), torch.tensor([[1.0, 1.0 * (1 - 14) / 10, 1.0]]))
    assert pool(-x * mask, mask)[0, 2] == -1  # padding's zeros are no maximum


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


@pytest.mark.parametrize("name", ["resnet20", "vgg", "preact20", "airbench"])
def test_a_folded_classifier_is_the_same_function(name: str) -> None:
    torch.manual_seed(0)
    net = classifier(name, (3, 32, 32))
    x = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8)
    for _ in range(3):
        net(x)
    playing = folded(net)
    assert torch.allclose(playing(x)["classes"], net.eval()(x)["classes"], atol=1e-3)
    norms = [m for m in playing.modules() if isinstance(m, nn.BatchNorm2d)]
    assert (norms == []) == (name not in ("preact20", "airbench"))  # there a norm may follow something else


@pytest.mark.parametrize("masked", [False, True])
def test_a_folded_tower_is_the_same_function_without_norms(masked: bool) -> None:
    torch.manual_seed(0)
    net = board_net(masked)
    for module in net.modules():
        if isinstance(module, BoardNorm):  # as after training
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
    for _ in range(3):
        net(planes(32))
    playing = folded(net)
    assert not [m for m in playing.modules() if isinstance(m, nn.BatchNorm2d)]
    x = planes(4, 4) if masked else planes(4)
    for name, value in net.eval()(x).items():
        assert torch.allclose(playing(x)[name], value, atol=1e-3), name
