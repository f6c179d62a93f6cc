"""Network names: what they mean, what is rejected, and adding a network with one line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import nn

from supervised.config import Config
from supervised.kernels.learning import for_learning
from supervised.nets import catalogue
from supervised.nets.catalogue import Trunk, names, reads, reads_any_board, reads_any_size, trunk_spec
from supervised.nets.headed import build
from supervised.train import LabelLearner
from tengen.device import Compute
from tengen.errors import UserError
from tengen.seeding import Seeds
from tests.supervised.test_train import stripes


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mlp", {"kind": "mlp", "scale": 1 / 255}),  # default MLP layers
        ("mlp256x2", {"kind": "mlp", "hidden": [256, 256], "scale": 1 / 255}),
        ("nature", {"kind": "nature"}),
        ("lenet-modern", {"kind": "lenet", "modern": True}),
        ("resnet20", {"kind": "resnet", "blocks": [3, 3, 3]}),
        ("preact8", {"kind": "resnet", "blocks": [1, 1, 1], "preact": True}),
        ("tower48x6", {"kind": "tower", "channels": 48, "blocks": 6}),
        ("alphago192x13", {"kind": "alphago", "channels": 192, "layers": 13}),
    ],
)
def test_what_names_stand_for(name: str, expected: dict[str, Any]) -> None:
    assert trunk_spec(name, (4, 84, 84)) == expected | {"input_shape": [4, 84, 84]}


def test_options() -> None:
    assert trunk_spec("mlp", [4], byte_input=False, norm=True) == {"kind": "mlp", "input_shape": [4], "norm": True}
    spec = trunk_spec("small", (4, 84, 84), norm=True, subtract_mean=True)
    assert spec == {"kind": "small", "input_shape": [4, 84, 84], "norm": True, "centre": True}
    assert trunk_spec("vgg", (3, 32, 32), dropout=0.5)["dropout"] == 0.5
    for name, options, message in (
        ("resnet20", {"dropout": 0.5}, "--dropout .* it does with --net vgg"),
        ("impala", {"norm": True}, "--norm .* mlp, mlp256x2, small, nature"),
        ("mlp", {"subtract_mean": True}, "--subtract-mean .* small, nature, impala"),
    ):
        with pytest.raises(UserError, match=message):
            trunk_spec(name, (3, 32, 32), **options)
    with pytest.raises(UserError, match="reads screens, not inputs .* use --net mlp"):
        trunk_spec("nature", (4,))
    with pytest.raises(UserError, match=r"inputs \[1, 10, 5\] are too small"):
        build({"trunk": trunk_spec("nature", (1, 10, 5)), "heads": {"q": 3}})


def test_names_that_do_not_exist_are_answered_with_near_ones() -> None:
    for wrong in ("resnet21", "resent20", "preact18", "tower", "tower64", "tower0x6", "mlp256"):
        with pytest.raises(UserError, match="no network named"):
            trunk_spec(wrong, (3, 32, 32))
    with pytest.raises(UserError, match="did you mean resnet20"):
        trunk_spec("resent20", (3, 32, 32))
    with pytest.raises(UserError, match="no network named 'os:system'"):  # a saved spec must not import anything
        build({"trunk": {"kind": "os:system", "input_shape": [4]}, "heads": {}})
    with pytest.raises(UserError, match="no head named 'q'"):
        build({"trunk": trunk_spec("tower8x2", (4, 5, 5)), "heads": {"q": 3}})


def test_groups_of_names() -> None:
    assert names("screens") == ["small", "nature", "impala"]
    assert {"tower48x6", "resnet110", "mlp"} < set(names()) and len(set(names())) == len(names())
    assert [name for name in names() if reads(name) == "boards"] == names("boards")
    assert reads_any_size("tower") and reads_any_size("unet") and not reads_any_size("resnet")
    assert reads_any_board("tower") and reads_any_board("alphago") and not reads_any_board("resnet")


def test_listing_names_needs_no_torch() -> None:
    code = "import sys; from supervised.nets.catalogue import names; assert names(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


class Toy(nn.Module):
    """Two layers, as a user might add from their own file."""

    def __init__(self, input_shape: Sequence[int], width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.LazyLinear(width), nn.ReLU())
        self.layers(torch.zeros(1, *input_shape))
        self.out_shape = (width,)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layers(x.float() / 255)
        return out


def test_one_network_more_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "TRUNKS", list(catalogue.TRUNKS))
    catalogue.TRUNKS.append(Trunk(("toy32",), f"{__name__}:Toy", kind="toy", numbers=("width",), pattern=r"toy\d+"))
    config = Config(net="toy64", epochs=4, batch=32, lr=0.05)
    train = stripes(600, 1)
    spec = {"trunk": trunk_spec(config.net, train.input_shape), "heads": {"classes": 3}}
    assert "toy32" in names() and spec["trunk"] == {"kind": "toy", "width": 64, "input_shape": [1, 12, 12]}
    compute = Compute(threads=1)
    net: Any = for_learning(build(spec, 1), compute)
    ticks = list(LabelLearner(config, train, stripes(300, 2), net, compute, Seeds(1)).ticks())
    assert ticks[-1].metrics["test/accuracy"] > ticks[0].metrics["accuracy"] > 0
