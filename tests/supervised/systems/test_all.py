"""Every system as a new user meets it: without data or network access, by its command alone.

Training, card, curve, figures, `tengen eval` with the same result, `tengen sample`, exact resume.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.cli import main
from supervised.systems.catalogue import all_systems
from supervised.systems.system import System
from tests.faults.trainings import task_of
from tests.long import takes_long

FEW = {"words": 30_000, "sentences": 20}  # steps; 3 for all others


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def nothing(*_: object, **__: object) -> None:
        raise OSError("no network in tests")

    monkeypatch.setattr("pooch.retrieve", nothing)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("tengen.files.cache_folder", lambda name: tmp_path / "cache" / name)


@takes_long
@pytest.mark.parametrize("system", all_systems(), ids=lambda s: f"{task_of(s)}-{s.name}")
def test_a_system_by_its_command(system: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task, runs = task_of(system), ["--runs", str(tmp_path)]
    few = [] if "steps" in system.unused else ["--steps", str(FEW.get(task, 3))]
    few += ["--threads", "1", "--wandb", "off", "--checkpoint-seconds", "0"]
    assert main(["train", task, system.option, system.name, *few, *runs]) == 0
    shown = capsys.readouterr().out
    assert "type next:" in shown and "tengen papers" in shown
    run = next(path for path in tmp_path.iterdir() if path.name.startswith(f"{task}-"))
    card = json.loads(next((run / "eval").glob("*.json")).read_text())
    assert card["agent"] == system.name and card["metric"] and isinstance(card["value"], float)
    assert (run / "curve.png").exists() and any((run / "pictures").iterdir())
    assert main(["eval", str(run), "--json", *runs]) == 0
    assert json.loads(capsys.readouterr().out)["value"] == card["value"]
    if system.sample:
        assert main(["sample", str(run), *runs]) == 0
    if len(list((run / "checkpoints").iterdir())) > 1:
        assert main(["resume", "--verify", str(run), *runs]) == 0
