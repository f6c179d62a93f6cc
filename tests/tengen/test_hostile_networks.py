"""An untrusted config.yaml that asks for a huge network: rejected in one line, by every kind of run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from torch import nn

from scripts.cli import main
from supervised.sequence import catalogue
from supervised.systems.catalogue import all_systems
from supervised.systems.study import Setup
from supervised.systems.system import System
from tengen.checkpoint import write_checkpoint
from tengen.description import Description
from tengen.device import Compute
from tengen.kinds import KINDS, training_for
from tengen.run import Run
from tests.faults.trainings import task_of
from tests.long import takes_long
from tests.supervised.generative.small import write_bits, write_mnist
from tests.supervised.systems.line import LINE, SYSTEM
from tests.supervised.systems.test_all import offline as offline

SIZES = (
    *("hidden", "width", "layers", "embedding", "filters", "feed_forward", "latent", "noise", "depth"),
    *("first_width", "levels"),
)
SIZELESS = ("supervised.classical.", "agents.reinforce.by_hand")  # systems without a network, or with a fixed one
NETWORKS = [system for system in all_systems() if not system.study.startswith(SIZELESS)]
COMPUTE = Compute(threads=1)


def refused(what: Description, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`tengen resume` of a run of `what` with an almost empty checkpoint."""
    run = root / "runs" / "sent"
    run.mkdir(parents=True)
    (run / "config.yaml").write_text(yaml.safe_dump(what.to_dict()))
    (run / "meta.json").write_text("{}")
    write_checkpoint(run / "checkpoints", 1, {"step": 1, "network": {}, "weights": {"one": torch.zeros(9)}})
    capsys.readouterr()
    assert main(["resume", str(run)]) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("tengen: ")]
    assert len(said) == 1 and ("much larger than the weights there" in said[0] or "setting levels" in said[0])


def sizes_of(system: System) -> list[str]:
    config = asdict(system.training(task_of(system)).config)
    return [name for name in SIZES if name in config and name not in system.unused]


def description(system: System, root: Path, **change: Any) -> Description:
    task, data, records = task_of(system), "", {}
    training = system.training(task)
    if task == "binary-mnist":
        data = str(write_bits(root / "bits.npz"))
    elif task == "mnist":
        data = str(write_mnist(root / "mnist"))
    elif task == "text" or system.name == "skip-gram":
        (root / "text").write_text("to be or not to be that is the question\n" * 300)
        data = str(root / "text")
    elif system.name == "act2vec":
        records = {"board": 5}
    settings = asdict(replace(training.settings, data=data, threads=1))
    config = asdict(training.config) | records | change
    return Description("system", task, system.name, settings, config, COMPUTE.to_dict())


@pytest.mark.parametrize("system", NETWORKS, ids=lambda s: f"{task_of(s)}-{s.name}")
def test_a_system(system: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused(description(system, tmp_path, **{sizes_of(system)[0]: 2**20}), tmp_path, capsys)


@takes_long
@pytest.mark.parametrize(
    ("system", "name"), [(s, name) for s in NETWORKS for name in sizes_of(s)], ids=lambda x: getattr(x, "name", x)
)
@pytest.mark.parametrize("value", [2**21, 2**40])
def test_every_size_of_a_system(
    system: System, name: str, value: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(description(system, tmp_path, **{name: value}), tmp_path, capsys)


@pytest.mark.parametrize(
    ("kind", "task", "change"),
    [
        ("labels", "digits", {"hidden": [2**20, 2**20]}),
        ("agent", "corridor", {"hidden": [2**20, 2**20]}),
        ("selfplay", "go3", {"channels": 2**20}),
    ],
)
def test_the_other_kinds(
    kind: str, task: str, change: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"--net": "mlp256x2"} if kind == "labels" else {}
    room, training = training_for(task, options.get)
    assert room.name == kind
    session = room.session(replace(training, settings=replace(training.settings, threads=1)), COMPUTE)
    what = session.description()
    session.close()
    assert what.network is not None
    network = what.network | {"trunk": what.network["trunk"] | change}
    refused(replace(what, network=network), tmp_path, capsys)


UNSOUND: list[Any] = [
    {"a": 1},
    {"trunk": 10**30, "heads": {"value": 1}},
    {"trunk": {"kind": "mlp"}, "heads": {}},
    {"trunk": {"kind": "mlp", "input_shape": [8], "hidden": "x"}, "heads": {}},
    {"trunk": {"kind": "mlp", "input_shape": [8], "hidden": [16]}, "heads": 3},
]


@pytest.mark.parametrize("network", UNSOUND)
@pytest.mark.parametrize(("kind", "task"), [("labels", "digits"), ("agent", "corridor"), ("selfplay", "go3")])
def test_a_description_of_no_network(
    kind: str, task: str, network: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room, training = training_for(task, {"--net": "mlp256x2"}.get if kind == "labels" else {}.get)
    settings, config = asdict(training.settings), asdict(training.config)
    what = Description(room.name, task, training.agent, settings, config, COMPUTE.to_dict(), network)
    Run.create(tmp_path, "sent", what.to_dict(), {}).release()
    assert main(["resume", str(tmp_path / "sent")]) == 2
    assert f"{tmp_path / 'sent' / 'config.yaml'} cannot be built" in capsys.readouterr().err


def test_every_kind_is_tried() -> None:
    assert set(KINDS) == {"system", "labels", "selfplay", "agent"}
    assert all(sizes_of(system) for system in NETWORKS)


@dataclass(frozen=True)
class Sized(type(LINE)):
    width: int = 8


SIZED = Sized()


def careless(setup: Setup) -> nn.Module:
    """A study whose author ignores the bounds."""
    return nn.Sequential(nn.Linear(1, setup.config.width), nn.Linear(setup.config.width, setup.config.width))


def test_whoever_makes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    system = replace(SYSTEM, config=f"{__name__}:SIZED", study=f"{__name__}:careless")
    monkeypatch.setattr(catalogue, "SYSTEMS", (*catalogue.SYSTEMS, system))
    refused(description(system, tmp_path, width=2**20), tmp_path, capsys)
