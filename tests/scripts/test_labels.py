"""Supervised training from the command line: mistakes, a run's life cycle, transferred trunks, images."""

from __future__ import annotations

import json
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from scripts.cli import main
from supervised import config as labels
from supervised.nets.headed import load_network, save_network
from supervised.pictures import confusion
from tengen.checkpoint import read_newest
from tengen.statistics import wilson
from tests.envs.go.test_collection import random_record
from tests.supervised.data.test_data import pictures, write_mnist

QUICK = ["--wandb", "off", "--threads", "1", "--precision", "float32"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def games(tmp_path: Path) -> Path:
    from envs.go.sgf import write_sgf

    with tarfile.open(tmp_path / "games.tar", "w") as tar:
        for seed in range(150):
            file = tmp_path / f"{seed}.sgf"
            file.write_bytes(write_sgf(random_record(seed)))
            tar.add(file, file.name)
            file.unlink()
    return tmp_path / "games.tar"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["mnits"], "did you mean mnist"),
        (["mnist", "--data", "nowhere"], "no file or folder nowhere"),
        (["mnist", "--net", "lenett", "--data", "nowhere"], "did you mean lenet"),  # before data are looked for
        (["images"], "give the pictures with --data DIR"),
        (["digits", "--net", "lenett"], "did you mean lenet"),
        (["digits", "--net", "nature"], "too small"),
        (["digits", "--augment", "symmetries"], "is for boards"),
        (["digits", "--agent", "ppo"], "no option named '--agent'"),
        (["digits", "--keep-heads"], "--keep-heads needs --trunk NAME"),
        (["digits", "--trunk", "nothing"], "no run or trained network named 'nothing'"),
        (["digits", "--trunk", "pong"], r"expects inputs [4, 84, 84] and this task gives [1, 8, 8]"),
        (["go9", "--sizes", "9"], "boards smaller than 9"),
        (["connect4", "--sizes", "5"], "only one board size"),
        (["go9", "--net", "resnet20"], "is a tower"),
        (["go9", "--records", "nowhere"], "no file or folder nowhere"),
        (["go9", "--records", ".", "--test-mirrored"], "is for images"),
        (["go1", "--records", "."], "sizes from 2 to 25"),
        (["go1"], "sizes from 2 to 25"),
    ],
)
def test_a_mistake_is_one_clear_line(args: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", *args, *QUICK]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not Path("runs").exists()


def run_of(task: str) -> Path:
    (run,) = Path("runs").glob(f"{task}-*")
    return run


@pytest.mark.slow
def test_a_whole_life_of_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "digits", "--net", "lenet-modern", "--epochs", "6", *QUICK]) == 0
    said = capsys.readouterr().out
    assert "1,438 pictures of 8x8" in said and "type next" in said
    run = run_of("digits")
    card = json.loads(next((run / "eval").glob("held-out-*.json")).read_text())
    assert card["accuracy"] > 0.93 and card["examples"] == 359 and card["ci95"][0] < card["accuracy"] < card["ci95"][1]
    for name in ("curve", "pictures/filters", "pictures/features", "pictures/confusion", "pictures/mistakes"):
        assert (run / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert main(["eval", "last"]) == 0 and f"{card['accuracy']:.2%}" in capsys.readouterr().out
    (run / "pictures" / "confusion.png").unlink()
    assert main(["plot", "last"]) == 0 and (run / "pictures" / "confusion.png").exists()
    assert (run / "pictures" / "states.png").exists()  # t-SNE, on request only
    assert main(["runs"]) == 0 and f"{card['accuracy']:.2%}" in capsys.readouterr().out
    assert main(["watch", "last"]) == 2 and "has no game to play" in capsys.readouterr().err
    assert main(["train", "mnist", "--data", str(write_mnist(Path("m"))), "--trunk", "last", *QUICK]) == 2
    assert "expects inputs [1, 8, 8] and this task gives [1, 28, 28]" in capsys.readouterr().err


@pytest.mark.slow
def test_a_frozen_trunk_goes_into_another_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "digits", "--epochs", "2", *QUICK]) == 0
    first = run_of("digits").rename("runs/first")
    trained = read_newest(first / "checkpoints")[1]["weights"]
    assert main(["train", "digits", "--epochs", "1", "--seed", "2", "--trunk", "first", "--freeze-trunk", *QUICK]) == 0
    assert "trunk of first: mlp" in capsys.readouterr().out
    second = run_of("digits").rename("runs/second")
    weights = read_newest(second / "checkpoints")[1]["weights"]
    for name, value in weights.items():
        assert torch.equal(value, trained[name]) == name.startswith("trunk."), name
    assert main(["train", "digits", "--epochs", "0.001", "--trunk", "first", "--keep-heads", "--lr", "0", *QUICK]) == 0
    assert "its own heads where they fit" in capsys.readouterr().out
    kept = read_newest(run_of("digits") / "checkpoints")[1]["weights"]
    assert all(torch.equal(kept[name], value) for name, value in trained.items())
    first.rename("elsewhere")  # a run no longer needs the run it started from
    assert main(["eval", "second"]) == 0


@pytest.mark.slow
def test_go_from_records_and_a_trunk_for_another_board(games: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--net", "tower8x2", "--batch", "16", "--test-every", "1000", *QUICK]
    assert main(["train", "go5", "--records", str(games), "--epochs", "1", *small]) == 0
    said = capsys.readouterr().out
    assert "games of 5x5" in said and "winner" in said
    run = run_of("go5")
    for name in ("moves", "phases", "filters", "features"):
        assert (run / "pictures" / f"{name}.png").exists()
    assert main(["resume", str(run)]) == 0  # already finished
    with tarfile.open("six.tar", "w") as tar:
        from envs.go.sgf import write_sgf

        for seed in range(150):
            record = random_record(seed)
            moves = tuple(
                m._replace(action=36 if m.action == 25 else m.action // 5 * 6 + m.action % 5) for m in record.moves
            )
            setup = tuple(a // 5 * 6 + a % 5 for a in record.black_setup)
            Path("g.sgf").write_bytes(write_sgf(replace(record, size=6, moves=moves, black_setup=setup)))
            tar.add("g.sgf", f"{seed}.sgf")
    capsys.readouterr()
    assert main(["train", "go6", "--records", "six.tar", "--epochs", "1", "--trunk", str(run), *small]) == 0
    assert "trunk of" in capsys.readouterr().out
    assert read_newest(run_of("go6") / "checkpoints")[1]["network"]["trunk"]["input_shape"] == [18, 6, 6]


@pytest.mark.slow
def test_a_trunk_goes_into_an_agent_frozen_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    quick = [*QUICK, "--steps", "2000", "--final-games", "0"]
    assert main(["train", "catch", "--agent", "dqn", *quick]) == 0
    donor = run_of("catch").rename("runs/donor")
    trunk = {k: v for k, v in read_newest(donor / "checkpoints")[1]["weights"].items() if k.startswith("trunk.")}
    for agent, frozen in (("ppo", True), ("pqn", True), ("reinforce", False)):
        options = ["--freeze-trunk"] if frozen else []
        assert main(["train", "catch", "--agent", agent, "--trunk", "donor", *options, *quick]) == 0
        run = run_of(f"catch-{agent}")
        weights = read_newest(run / "checkpoints")[1]["weights"]
        same = [torch.equal(weights[k], v) for k, v in trunk.items()]
        assert all(same) if frozen else not all(same)
        assert main(["resume", "--verify", str(run)]) in (0, 2)
        run.rename(f"done-{agent}")
    capsys.readouterr()
    assert main(["train", "catch", "--agent", "ppo", "--trunk", "donor", "--keep-heads", *quick]) == 2
    assert "--keep-heads: the given network has the heads" in capsys.readouterr().err
    assert main(["train", "CartPole-v1", "--trunk", "donor", *quick]) == 2
    assert "expects inputs [1, 10, 5] and this task gives [4]" in capsys.readouterr().err


def test_a_trunk_from_the_zoo_fits_its_own_world_only(capsys: pytest.CaptureFixture[str]) -> None:
    from agents.catalogue import recipe
    from agents.session import AgentSession
    from agents.settings import Settings
    from envs.worlds import find_world
    from tengen.device import Compute

    chosen = recipe(find_world("breakout"))
    settings = Settings(steps=100, trunk="pong", freeze_trunk=True, threads=1)
    chosen = replace(chosen, settings=settings, config=replace(chosen.config, num_envs=2))
    session = AgentSession(chosen, Compute(threads=1))
    donor = load_network(Path(__file__).resolve().parents[2] / "zoo" / "pong-ppo-small")
    for name, value in donor.trunk.state_dict().items():
        assert torch.equal(session.learner.net.trunk.state_dict()[name], value)
    assert not any(p.requires_grad for p in session.learner.net.trunk.parameters())
    assert session.learner.net.spec["heads"] == {"policy": 4, "value": 1}
    session.close()


def test_self_play_goes_on_from_all_that_a_network_knows() -> None:
    from selfplay.catalogue import recipe
    from selfplay.session import SelfPlaySession
    from tengen.device import Compute

    preset = recipe("go5")
    donor = load_network(Path(__file__).resolve().parents[2] / "zoo" / "go5-alphazero").state_dict()
    for keep_heads in (True, False):
        chosen = replace(preset.settings, trunk="go5-alphazero", keep_heads=keep_heads, threads=1)
        net = SelfPlaySession(replace(preset, settings=chosen), Compute(threads=1)).learner.net
        same = {name: torch.equal(value, donor[name]) for name, value in net.state_dict().items()}
        assert same.keys() == donor.keys()
        assert all(equal for name, equal in same.items() if name.startswith("trunk."))
        assert all(same.values()) == keep_heads


def test_a_trunk_given_by_its_folder_is_known_in_meta(capsys: pytest.CaptureFixture[str]) -> None:
    """A network can be given by folder instead of name, and meta.json says where the training started."""
    entry = Path(__file__).resolve().parents[2] / "zoo" / "go5-alphazero"
    few = ["--steps", "64", "--moves-per-iteration", "64", "--boards", "2", "--simulations", "2", *QUICK]
    assert main(["train", "go5", "--trunk", str(entry), *few]) == 0, capsys.readouterr().err
    began = json.loads((run_of("go5") / "meta.json").read_text())["began_from"]
    assert began["task"] == "go5" and began["network"] == str(entry)


def test_a_trunk_for_boards_of_several_sizes_leaves_out_the_padding() -> None:
    from selfplay.catalogue import recipe
    from selfplay.session import SelfPlaySession
    from tengen.device import Compute

    preset = recipe("go5")
    for sizes in ("", "3"):
        settings = replace(preset.settings, trunk="go9-alphazero", threads=1)
        made = replace(preset, settings=settings, config=replace(preset.config, sizes=sizes))
        net = SelfPlaySession(made, Compute(threads=1)).learner.net
        assert net.trunk.masked == bool(sizes)


def test_a_run_is_named_after_the_network_that_learns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "digits", "--net", "lenet-modern", "--epochs", "0.1", *QUICK]) == 0
    first = run_of("digits-lenet-modern").rename("runs/first")
    assert main(["train", "digits", "--trunk", str(first), "--epochs", "0.1", *QUICK]) == 0
    assert list(Path("runs").glob("digits-lenet-*")), (
        "not after the preset's mlp256x2, which `--trunk` took the place of"
    )
    assert "digits, lenet: accuracy" in capsys.readouterr().out


def test_pictures_in_folders_train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = pictures(tmp_path / "pets")
    for i in range(40):
        for name in ("cat", "dog"):
            (folder / "train" / name / f"more{i}.png").write_bytes(
                (folder / "train" / name / f"{i % 3}.png").read_bytes()
            )
    assert (
        main(
            [
                "train",
                "images",
                "--data",
                str(folder),
                "--net",
                "mlp",
                "--epochs",
                "8",
                "--batch",
                "8",
                "--lr",
                "0.01",
                *QUICK,
            ]
        )
        == 0
    )
    assert "accuracy 100.00%" in capsys.readouterr().out


def test_a_network_brings_its_own_settings_and_options_go_before_them(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "cifar10", "--net", "airbench", "--help"])
    own = capsys.readouterr().out
    assert "preset for cifar10, airbench" in own and "(default: 512)" in own
    preset = labels.preset("fashion-mnist", "airbench")
    assert (preset.net, preset.batch, preset.augment) == ("airbench", 512, "crop-flip")
    assert labels.preset("digits") == labels.PRESETS["digits"]
    assert labels.preset("mnist", "vgg") == replace(labels.PRESETS["mnist"], net="vgg")
    args = ["train", "digits", "--net", "vgg", "--epochs", "1", "--batch", "64", *QUICK]
    assert main(args) == 0 and "vgg, 1 epoch," in capsys.readouterr().out


def test_confusions_and_intervals_by_hand() -> None:
    logits = torch.eye(3)[[0, 1, 1, 2]]
    assert confusion(logits, torch.tensor([0, 1, 2, 2])).tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
    low, high = wilson(0.5, 100)
    assert (low, high) == (pytest.approx(0.4038, abs=1e-4), pytest.approx(0.5962, abs=1e-4))
    assert np.isclose(wilson(1.0, 10)[1], 1.0) and wilson(1.0, 10)[0] < 0.75
    assert save_network.__doc__
