"""An untrusted run folder: nothing named in it starts a program or imports code by itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from scripts.cli import main
from tengen.run import Run

QUICK = ["--wandb", "off", "--threads", "1", "--boards", "4", "--moves-per-iteration", "64", "--rate-every", "1"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short self-play run."""
    runs = tmp_path_factory.mktemp("trained") / "runs"
    few = ["--steps", "256", "--rate-games", "2", "--rate-simulations", "2", "--simulations", "2"]
    assert main(["train", "go3", "--net", "tower8x1", "--batch", "16", *few, *QUICK, "--runs", str(runs)]) == 0
    (path,) = runs.iterdir()
    return path


@pytest.fixture
def run(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to modify and resume."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(trained, tmp_path / "runs" / trained.name, symlinks=True))


def change(run: Path, part: str, key: str, value: str) -> None:
    config = Run.open(run).config()
    (config[part] if part else config)[key] = value
    (run / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))


@pytest.mark.parametrize("name", ["gtp:touch started", " GTP:touch started", "uct:4, gtp:touch started"])
def test_a_saved_program_is_shown_and_not_started(
    run: Path, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(run, "settings", "outside", name)
    for options in ([], ["--steps", "512"]):
        assert main(["resume", str(run), *options]) == 2
        error = capsys.readouterr().err
        assert "touch started" in error and "--outside" in error and len(error.splitlines()) == 1
    main(["resume", "--verify", str(run)])
    main(["plot", str(run)])
    assert not (tmp_path / "started").exists()


def test_the_run_goes_on_without_it_or_with_what_is_typed(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(run, "settings", "outside", "gtp:touch started")
    assert main(["resume", str(run), "--steps", "320", "--outside", ""]) == 0
    assert main(["resume", str(run), "--steps", "384", "--outside", "random"]) == 0
    assert "outside/random" in Run.open(run).rows()[-1]
    capsys.readouterr()
    assert main(["resume", str(run), "--steps", "448", "--outside", "gtp:no-such-program"]) == 2
    assert "no program named no-such-program" in capsys.readouterr().err


def test_a_network_whose_parts_are_in_another_order_is_refused(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Optimiser moments are matched by parameter order; moments of another network would be read out of bounds."""
    config = Run.open(run).config()
    config["network"]["heads"] = dict(sorted(config["network"]["heads"].items()))
    (run / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    assert main(["resume", str(run), "--steps", "320"]) == 2
    assert "moments belong to another network" in capsys.readouterr().err


@pytest.mark.parametrize("change", [{"channels": 1000}, {"blocks": 1000}], ids=str)
def test_a_network_far_larger_than_the_checkpoint_is_refused(
    run: Path, change: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    config = Run.open(run).config()
    config["network"]["trunk"] |= change
    (run / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    assert main(["resume", str(run), "--steps", "320"]) == 2
    error = capsys.readouterr().err
    assert "much larger than the weights there" in error and len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("part", "key"), [("", "kind"), ("", "agent"), ("", "task"), ("config", "net"), ("settings", "trunk")]
)
def test_names_in_a_config_are_looked_up_and_never_imported(
    run: Path, part: str, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "evil.py").write_text("open('started', 'w')")
    change(run, part, key, "evil:main")
    for command in (["resume", str(run)], ["plot", str(run)], ["watch", str(run)]):
        main(command)
    main(["match", f"{run}:2", "random", "--board", "go3", "--games", "2"])
    assert "Traceback" not in capsys.readouterr().err
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("name", ["checkpoints", "train.log", "games"])
def test_a_run_does_not_write_through_a_link(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = [
        "--steps",
        "1024",
        "--final-games",
        "0",
        "--wandb",
        "off",
        "--threads",
        "1",
        "--runs",
        str(tmp_path / "runs"),
    ]
    assert main(["train", "bandit", *few]) == 0
    (run,) = (tmp_path / "runs").iterdir()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "step-000000000001").mkdir()
    if (run / name).exists():
        (run / name).rename(tmp_path / "aside")
    (run / name).symlink_to(mine)
    capsys.readouterr()
    assert main(["resume", str(run), "--steps", "2048"]) == 2
    assert f"{run / name} is a link" in capsys.readouterr().err
    assert [path.name for path in mine.iterdir()] == ["step-000000000001"]
