"""A run folder: names, locks, metric rows, what is kept and what is skipped."""

from __future__ import annotations

import json
import math
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch

from tengen.card import keep_card
from tengen.checkpoint import DamagedCheckpoint, checkpoints, read_newest
from tengen.errors import UserError
from tengen.lock import Lock
from tengen.run import Run, find_run, known_run, no_run, run_name


class Counting:
    """A trainer that only counts steps."""

    def __init__(self, step: int = 0) -> None:
        self.step = step

    def state(self) -> dict[str, Any]:
        return {"step": self.step}

    def load(self, tree: Any) -> None:
        self.step = tree["step"]


def new(root: Path, name: str = "catch-ppo-s1") -> Run:
    return Run.create(root, name, {"task": "catch"}, {"argv": ["tengen"]})


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    assert [new(tmp_path).path.name for _ in range(3)] == ["catch-ppo-s1", "catch-ppo-s1-2", "catch-ppo-s1-3"]
    assert new(tmp_path, "x").config() == {"task": "catch"} and Run.open(tmp_path / "x").meta() == {"argv": ["tengen"]}


def test_a_run_is_trained_by_one_process_at_a_time(tmp_path: Path) -> None:
    run = new(tmp_path)
    other = Run.open(run.path)
    with pytest.raises(UserError, match="in use by another process; it is being trained"):
        other.lock()
    run.release()
    other.lock()


def test_what_is_no_run_or_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"it has no config\.yaml"):
        Run.open(tmp_path)
    run = new(tmp_path)
    for text, message in (("a: [", "cannot be read"), ("just words", "contains no settings")):
        (run.path / "config.yaml").write_text(text)
        with pytest.raises(UserError, match=message) as raised:
            run.config()
        assert "\n" not in str(raised.value)


def test_what_a_killed_process_left_in_any_folder_is_removed(tmp_path: Path) -> None:
    run = new(tmp_path)
    run.release()
    dead = subprocess.Popen(["true"])
    dead.wait()
    replay, games = run.checkpoint_folder / "replay", run.path / "games"
    for folder in (replay, games, run.checkpoint_folder / f"step-000000000009.tmp-{os.getpid()}"):
        folder.mkdir()
    left = [
        run.path / f"metrics.jsonl.tmp-{dead.pid}",
        replay / f"segment-00000001.safetensors.tmp-{os.getppid()}",  # the number may be another process's by now
        games / f"iteration-000001.npz.tmp-{dead.pid}",
    ]
    writing = run.path / "eval" / f"card.json.tmp-{os.getppid()}"  # by `tengen eval`, perhaps
    for path in (*left, writing):
        path.write_text("half")
    Run.open(run.path).lock()
    assert list(run.path.rglob("*.tmp-*")) == [writing]


def test_a_folder_is_a_run_once_all_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed at its very start, a run can be resumed or is none at all."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tengen.run.write_json", killed)
    with pytest.raises(KeyboardInterrupt):
        new(tmp_path)
    assert not (tmp_path / "catch-ppo-s1" / "config.yaml").exists()


def test_two_checkpoints_stay_and_a_damaged_one_is_passed_over(tmp_path: Path) -> None:
    run, trainer = new(tmp_path), Counting()
    rows = "".join(json.dumps({"step": step}) + "\n" for step in (10, 15, 20, 25, 30)) + '{"step": 3'
    (run.path / "metrics.jsonl").write_text(rows)
    for trainer.step in (10, 20, 30):
        run.save(trainer.step, trainer.state())
    (_, older), (step, newest) = checkpoints(run.checkpoint_folder)
    assert step == 30 and older.exists()
    for file in newest.iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    assert run.restore(trainer) == 20 == trainer.step
    assert [row["step"] for row in run.rows()] == [10, 15, 20], "the rows after it are written again"
    assert "skipped a damaged checkpoint" in (run.path / "train.log").read_text()
    told: list[str] = []
    assert run.restore(trainer, told.append) == 20 and "step-000000000030" in told[0]
    for file in older.iterdir():
        file.unlink()
    with pytest.raises(UserError, match=r"no usable checkpoint .*2 damaged: .*step-000000000030"):
        run.restore(trainer)


def test_what_was_changed_on_the_way_is_read_from_the_log(tmp_path: Path) -> None:
    run = new(tmp_path)
    assert run.changes() == []
    for text in (
        "settings.steps 5 becomes 9",
        "stopped at step 5",
        "settings say nothing",
        "compute.threads 1 becomes 2",
    ):
        run.log(text)
    assert run.changes() == ["settings.steps 5 becomes 9", "compute.threads 1 becomes 2"]


def test_names_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_run(tmp_path / "none", "last") is None and find_run(tmp_path, "last") is None
    first, second = new(tmp_path, "first").path, new(tmp_path, "second").path
    (tmp_path / "not-a-run").mkdir()
    os.utime(first / "config.yaml", (2e9, 2e9))  # most recently changed
    assert find_run(tmp_path, "last") == first and find_run(tmp_path, "second") == second
    assert known_run(tmp_path, str(second)) == second
    with pytest.raises(UserError, match="did you mean second"):
        known_run(tmp_path, "secnd")
    assert "start one with: tengen train pong" in str(no_run(tmp_path / "none", "last"))
    assert "did you mean pong-ppo" in str(no_run(tmp_path, "png-ppo", ["pong-ppo"]))
    assert run_name("ALE/Pong-v5", "ppo", 3).startswith("ale-pong-v5-ppo-2") and run_name("a", "b", 3).endswith("-s3")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot write runs into .*; use --runs FOLDER"):
        new(tmp_path / "file" / "runs")


def test_without_a_checkpoint_it_begins_anew(tmp_path: Path) -> None:
    run, trainer = new(tmp_path), Counting()
    (run.path / "metrics.jsonl").write_text('{"step": 10}\n')
    assert run.restore(trainer) == 0 and run.rows() == []


def test_what_a_killed_process_was_writing_is_removed(tmp_path: Path) -> None:
    run = new(tmp_path)
    run.release()
    (run.checkpoint_folder / "step-000000000010.tmp-123").mkdir()
    run.lock()
    assert list(run.checkpoint_folder.iterdir()) == []


def test_a_lock_is_never_opened_through_a_link(tmp_path: Path) -> None:
    run, precious = new(tmp_path), tmp_path / "precious"
    precious.write_text("kept")
    run.release()
    (run.path / "lock").unlink()
    (run.path / "lock").symlink_to(precious)
    with pytest.raises(UserError, match="lock is a link"):
        run.lock()
    with pytest.raises(UserError, match="cannot write into"):
        Lock(run.path)
    assert precious.read_text() == "kept"


def test_rows_keep_every_finite_number(tmp_path: Path) -> None:
    """Resuming rewrites them: a loss of 3e31 is valid; infinity and a number of 400 digits are damage."""
    run = new(tmp_path)
    row = {"step": 1000000.0, "loss": 3.1e31, "score": -1e300}
    (run.path / "metrics.jsonl").write_text(json.dumps(row | {"a": math.inf, "b": math.nan, "c": 10**400}) + "\n")
    run.restart_rows(2_000_000)
    assert run.rows() == [row]


class Shared(Counting):
    """A trainer with damaged data beside its checkpoints, which it can do without."""

    def load(self, tree: Any) -> None:
        raise DamagedCheckpoint("what they share is gone")

    def salvage(self, tree: Any) -> None:
        self.step = tree["step"]


@pytest.mark.parametrize("tree", [{"step": "many"}, {"step": True}, {"steps": 1}, {"step": 1, "weights": {"a": 1}}])
def test_a_checkpoint_that_holds_something_else_is_passed_over(tree: dict[str, Any], tmp_path: Path) -> None:
    run, trainer = new(tmp_path), Counting()
    run.save(5, {"step": 5})
    run.save(9, tree)
    assert run.restore(trainer) == trainer.step == 5
    assert "skipped a damaged checkpoint" in (run.path / "train.log").read_text()
    with pytest.raises(UserError, match="no usable checkpoint"):
        read_newest(tmp_path / "nothing")


def test_what_all_checkpoints_share_may_be_left_out(tmp_path: Path) -> None:
    run, trainer = new(tmp_path), Shared()
    run.save(5, {"step": 5})
    run.save(9, {"step": 9})
    assert run.restore(trainer) == trainer.step == 9
    log = (run.path / "train.log").read_text()
    assert "continuing from step 9 without the damaged part (what they share is gone)" in log


class Full(Counting):
    """A trainer that runs out of memory, or whose device fails."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def load(self, tree: Any) -> None:
        raise self.error


def no_room() -> RuntimeError:
    """What PyTorch raises on a CPU: a plain RuntimeError."""
    with pytest.raises(RuntimeError) as raised:
        torch.empty(10**15)
    return raised.value


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "not enough memory to load .*step-000000000009"),
        (
            torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
            "not enough memory .*Tried to allocate",
        ),
        (no_room(), "not enough memory to load .*close other programs"),
        (torch.AcceleratorError("CUDA error: unspecified launch failure"), "the device failed while .*try again"),
        (UserError("learned from other data"), "^learned from other data$"),
    ],
    ids=["python", "device", "cpu", "failure", "other-data"],
)
def test_a_machine_that_is_too_small_is_no_damage(error: BaseException, said: str, tmp_path: Path) -> None:
    run = new(tmp_path)
    for step in (5, 9):
        run.save(step, {"step": step})
    with pytest.raises(UserError, match=said):
        run.restore(Full(error))
    assert not (run.path / "train.log").exists(), "nothing was passed over"


def test_a_card_that_cannot_be_kept_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    keep_card(Path("/dev/null/eval/card.json"), AgentCard())
    assert "the card is not kept in /dev/null/eval: Not a directory" in capsys.readouterr().err


class AgentCard:
    def describe(self) -> str:
        return ""

    def to_dict(self) -> dict[str, Any]:
        return {}
