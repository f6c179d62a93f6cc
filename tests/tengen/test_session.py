"""What may be changed when a run is resumed, and what must be given again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.cli import main
from tengen.checkpoint import checkpoints
from tengen.errors import UserError
from tengen.run import Run
from tengen.session import Outcome, change, resume, session_of_run
from tengen.verifying import verify

SETTINGS = {"workers": 2, "sync": False, "ray": "10.0.0.1:6379", "threads": 1, "steps": 100}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    config = {"kind": "agent", "task": "catch", "agent": "ppo", "settings": SETTINGS, "config": {"lr": 1e-3}}
    made = Run.create(tmp_path / "runs", "one", config | {"compute": {"threads": 1}}, {})
    made.release()
    return made


def test_a_saved_cluster_is_not_joined_unless_it_is_typed_again(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_AUTH_TOKEN", "secret")
    assert main(["resume", str(run.path)]) == 2
    error = capsys.readouterr().err
    assert "--ray 10.0.0.1:6379" in error and len(error.splitlines()) == 1


def test_what_cannot_go_on_leaves_the_configuration_as_it_was(run: Run) -> None:
    before = run.config()
    with pytest.raises(UserError, match="Ray cluster at 10.0.0.1:6379"):
        resume(run.path, {"workers": 4}, {}, lambda *_: None, print)
    assert run.config() == before and run.changes() == []
    assert change(run, {"workers": 4, "sync": False, "threads": 2}) == [
        "settings.workers 2 becomes 4",
        "settings.threads 1 becomes 2",
        "compute.threads 1 becomes 2",
    ]
    assert run.config()["settings"] == SETTINGS | {"workers": 4, "threads": 2}


@pytest.mark.parametrize("part", ["settings", "compute"])
def test_a_damaged_configuration_is_not_changed(run: Run, part: str) -> None:
    damaged = run.config()
    del damaged[part]
    run.write_config(damaged)
    with pytest.raises(UserError, match=rf"'{part}' is missing or invalid in .*config\.yaml"):
        change(run, {"steps": 9, "threads": 2})
    assert run.config() == damaged


def test_what_cannot_repeat_is_not_verified(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tengen.verifying.checkpoints", lambda _: [(1, Path("a")), (2, Path("b"))])
    with pytest.raises(UserError, match="without --sync"):
        verify(run.path, {}, print)
    change(run, {"sync": True})
    with pytest.raises(UserError, match="Ray cluster at 10.0.0.1:6379"):
        session_of_run(run)


class Counting:
    """A trainer that only counts steps."""

    step = 0

    def load(self, tree: Any) -> None:
        self.step = tree["step"]


class Agent:
    """A session with this trainer."""

    def __init__(self) -> None:
        self.learner, self.settings = Counting(), SimpleNamespace()

    def attach(self, run: Run, report: Any) -> None: ...

    def description(self) -> Any:
        return SimpleNamespace(learned_from="")

    def close(self) -> None: ...


def test_what_is_passed_over_is_said_on_the_screen(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in (5, 9):
        run.save(step, {"step": step})
    (checkpoints(run.checkpoint_folder)[-1][1] / "tree.json").write_text("{")
    monkeypatch.setattr("tengen.session.session_of_run", lambda *_: Agent())
    monkeypatch.setattr("tengen.session._train", lambda *_: Outcome(run.path, True, 9, []))
    said: list[str] = []
    resume(run.path, {}, {}, lambda *_: None, said.append)
    assert [line for line in said if "skipped a damaged checkpoint: " in line and "step-000000000009" in line]
    assert said[-1] == "resumed from step 5" and "skipped" in (run.path / "train.log").read_text()
