"""What may be changed of a run that goes on, and what has to be typed again."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.cli import main
from tengen.errors import UserError
from tengen.run import Run
from tengen.session import change, resume, session_of_run, verify

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


def test_what_cannot_repeat_is_not_verified(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tengen.session.checkpoints", lambda _: [(1, Path("a")), (2, Path("b"))])
    with pytest.raises(UserError, match="no --sync"):
        verify(run.path, {}, print)
    change(run, {"sync": True})
    with pytest.raises(UserError, match="Ray cluster at 10.0.0.1:6379"):
        session_of_run(run)
