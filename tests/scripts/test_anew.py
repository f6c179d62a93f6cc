"""A training killed before its first checkpoint: `tengen resume` starts again from the same initial state."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from scripts.cli import main
from tengen.checkpoint import differences, read_newest
from tengen.run import Run

QUICK = ["--wandb", "off", "--threads", "1", "--precision", "float32", "--epochs", "0.05"]


def trained(*options: str) -> Run:
    """A finished digits run."""
    assert main(["train", "digits", "--net", "lenet", *QUICK, *options]) == 0
    return Run.open(max(Path("runs").iterdir(), key=lambda path: path.stat().st_ctime))


def killed(run: Run) -> None:
    """Make the run look as if nothing had been saved yet."""
    for left in run.checkpoint_folder.iterdir():
        shutil.rmtree(left)


@pytest.mark.parametrize("given", [False, True], ids=["statistics", "trunk"])
def test_it_begins_with_what_it_began_with(
    given: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tengen.session._finished", lambda *_: None)
    if given:
        trained().path.rename("runs/donor")
    run = trained(*(["--trunk", "donor", "--seed", "2"] if given else []))
    expected = read_newest(run.checkpoint_folder)[1]
    killed(run)
    capsys.readouterr()
    assert main(["resume", str(run.path)]) == 0
    assert differences(read_newest(run.checkpoint_folder)[1], expected) == []
    told = "restarted with the same seed: it was stopped before its first checkpoint"
    assert told + ("; from the trunk of donor, as before" if given else "") in capsys.readouterr().out
    if not given:
        return
    killed(run)
    donor = Run.open(Path("runs/donor"))
    step, tree = read_newest(donor.checkpoint_folder)
    name = next(name for name in tree["weights"] if name.startswith("trunk."))
    donor.save(step + 1, tree | {"weights": tree["weights"] | {name: torch.ones_like(tree["weights"][name])}})
    assert main(["resume", str(run.path)]) == 2
    error = capsys.readouterr().err
    assert "donor has changed since" in error and "start a new training with --trunk donor" in error
    shutil.rmtree(donor.path)
    assert main(["resume", str(run.path)]) == 2 and "named 'donor'" in capsys.readouterr().err


def test_the_newest_run_as_a_trunk_is_recorded_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`last` means another run as soon as there is another one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tengen.session._finished", lambda *_: None)
    trained().path.rename("runs/donor")
    run = trained("--trunk=last", "--seed", "2")
    assert run.config()["settings"]["trunk"] == "donor"
    expected = read_newest(run.checkpoint_folder)[1]
    killed(run)
    assert main(["resume", str(run.path)]) == 0
    assert differences(read_newest(run.checkpoint_folder)[1], expected) == []
