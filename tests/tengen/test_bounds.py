"""Network descriptions that ask for more than their weights contain, or than fits in memory."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import torch

from scripts.cli import main
from supervised.nets.catalogue import trunk_spec
from supervised.nets.headed import HeadedNet, build, load_network, save_network
from supervised.trained import net_at
from tengen.bounds import bounded, opened
from tengen.checkpoint import write_checkpoint
from tengen.errors import UserError
from tengen.zoo import Located, zoo_folder

SMALL: dict[str, Any] = {
    "trunk": {"kind": "tower", "input_shape": [18, 9, 9], "channels": 8, "blocks": 2},
    "heads": {"policy": 82},
}
LARGER = [
    {"channels": 9999, "blocks": 9999},
    {"channels": 400},
    {"channels": 10**9},
    {"channels": 10**30},
    {"blocks": 1000},
    {"input_shape": [10**6, 9, 9]},
]


def larger(change: dict[str, Any]) -> dict[str, Any]:
    return SMALL | {"trunk": SMALL["trunk"] | change}


@pytest.mark.parametrize("change", LARGER, ids=str)
def test_a_description_larger_than_its_weights_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    """In a network folder and in a checkpoint."""
    net = build(SMALL)
    save_network(tmp_path, net)
    (tmp_path / "network.json").write_text(json.dumps(larger(change)))
    with pytest.raises(UserError, match="much larger than the weights there"):
        load_network(tmp_path)
    tree = {"network": larger(change), "weights": dict(net.state_dict())}
    checkpoint = write_checkpoint(tmp_path, 1, tree)
    with pytest.raises(UserError, match="much larger than the weights there"):
        net_at(Located(checkpoint, None, {}))


@pytest.mark.parametrize(
    "change", [[], {}, {"trunk": {}}, larger({"channels": "8"}), larger({"channels": None})], ids=str
)
def test_a_description_of_something_else_is_damage(change: Any, tmp_path: Path) -> None:
    save_network(tmp_path, build(SMALL))
    (tmp_path / "network.json").write_text(json.dumps(change))
    with pytest.raises(UserError, match="is damaged"):
        load_network(tmp_path)


def test_what_a_run_describes_is_no_larger_than_its_newest_checkpoint(tmp_path: Path) -> None:
    for step, spec in ((1, larger({"channels": 500})), (2, SMALL)):
        write_checkpoint(tmp_path, step, {"weights": dict(build(spec).state_dict())})
    with opened(tmp_path):
        assert isinstance(build(SMALL), HeadedNet)
        with pytest.raises(UserError, match="step-000000000002 is much larger"):
            build(larger({"channels": 500}))
    build(larger({"channels": 500}))
    with opened(tmp_path / "none-yet"):
        build(larger({"channels": 500}))


def test_more_than_the_memory_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=400_000_000))
    monkeypatch.setattr("tengen.bounds._MOST_TENSORS", 1000)
    build(larger({"channels": 300}))
    for change in ({"channels": 3000}, {"blocks": 10_000}):
        with pytest.raises(UserError, match="memory .0.4 GB."):
            build(larger(change))


def test_what_changes_a_shape_in_place_is_done_while_counting() -> None:
    """As PyTorch 2.11's orthogonal initialisation of a matrix that is wider than high."""

    def make() -> torch.Tensor:
        flat = torch.empty(2, 3)
        flat.t_()
        return flat[:, :2].reshape(3, 2)  # four values, had the matrix not been turned

    assert bounded(make).shape == (3, 2)


@pytest.mark.parametrize("name", ["mlp", "small", "lenet", "vgg", "airbench", "unet", "resnet8"])
def test_counting_leaves_the_initial_weights_as_they_are(name: str) -> None:
    shape = (4, 84, 84) if name == "small" else (1, 32, 32)
    spec = {"trunk": trunk_spec(name, shape), "heads": {"policy": 3}}

    def made(with_count: bool) -> dict[str, torch.Tensor]:
        torch.manual_seed(1)
        return (bounded(lambda: HeadedNet(spec)) if with_count else HeadedNet(spec)).state_dict()

    one, other = made(True), made(False)
    assert all(torch.equal(one[key], other[key]) for key in one.keys() | other.keys())


@pytest.mark.parametrize(
    ("name", "change"),
    [("text-gpt", {"layers": 2000}), ("text-gpt", {"hidden": 4096}), ("digits-vae", {"latent": 10**7})],
)
def test_systems_are_no_larger_than_their_weights(
    name: str,
    change: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = Path(shutil.copytree(zoo_folder() / name, tmp_path / name))
    network = json.loads((folder / "network.json").read_text())
    (folder / "network.json").write_text(json.dumps(network | change))
    monkeypatch.setattr("tengen.zoo.ZOO", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["sample", name]) == 2
    error = capsys.readouterr().err
    assert "much larger than the weights there" in error and len(error.splitlines()) == 1
