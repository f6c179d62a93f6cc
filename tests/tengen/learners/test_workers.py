"""Several learners with Ray Train: the same run as with one, a lost learner, resuming, and who cannot use them."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from safetensors.numpy import load_file

from scripts.cli import main
from tengen.errors import UserError
from tengen.kinds import Training, kind_named
from tengen.learners.workers import resume_together, train_together
from tengen.options import Parser
from tengen.run import Run
from tengen.session import train_new
from tengen.typed import read_training
from tests.long import takes_long
from tests.ray import needs_ray

SAME = "--threads 1 --precision float32 --layout default --convolutions direct --wandb off --device cpu"
DIGITS = f"digits --epochs 3 --checkpoint-seconds 0 --net mlp64x2 --ema 0.9 {SAME}"


def training(words: str) -> Training:
    return read_training(Parser("tengen train"), words.split()).training


def alone(words: str, root: Path) -> Run:
    """A run with one learner, in this process."""
    what = training(words)
    session = kind_named(what.kind).session(what, runs=root)
    return Run(train_new(session, root, lambda *_: None, lambda _: None).run)


def differ(one: Run, other: Run, near: float) -> list[str]:
    """Weights and metric columns of two runs that differ by more than `near`."""
    weights = [load_file(sorted(run.checkpoint_folder.glob("*/weights.safetensors"))[-1]) for run in (one, other)]
    found = [name for name, value in weights[0].items() if abs(value - weights[1][name]).max() > near]
    assert len(one.rows()) == len(other.rows())
    for a, b in zip(one.rows(), other.rows(), strict=True):
        keys = [key for key in a if not key.startswith(("seconds", "rate", "time/"))]
        found += [f"{key} at {a['step']}" for key in keys if a[key] != pytest.approx(b[key], abs=near)]
    return found


def kill_the_follower(root: Path) -> None:
    """kill -9 the learner that does not own the run, once there is a checkpoint."""
    deadline = time.monotonic() + 120
    while not list(root.glob("*/checkpoints/step-*/sums.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    (run,) = root.iterdir()
    for process in psutil.Process().children(recursive=True):
        learns = "RayTrainWorker" in " ".join(process.cmdline())
        if learns and str(run / "lock") not in [file.path for file in process.open_files()]:
            os.kill(process.pid, signal.SIGKILL)


@takes_long
@needs_ray
@pytest.mark.usefixtures("ray")
def test_a_lost_learner_then_the_same_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A training with two learners loses one, resumes with two, and ends where a single learner ends."""
    monkeypatch.chdir(tmp_path)
    two = training(f"{DIGITS} --learners 2")
    killer = threading.Thread(target=kill_the_follower, args=(tmp_path / "two",))
    killer.start()
    said: list[str] = []
    with pytest.raises(UserError, match="a learner was lost .*tengen resume two/"):
        train_together(two, Path("two"), ["tengen"], said.append)
    killer.join()
    (path,) = (tmp_path / "two").iterdir()
    outcome = resume_together(path, {}, {}, ["tengen"], said.append)
    assert outcome.finished and outcome.step == 3 * 1438 and "2 learners" in " ".join(said)
    assert "accuracy" in said[-2] and (path / "curve.png").exists(), said
    assert differ(Run(path), alone(DIGITS, tmp_path / "one"), 1e-4) == []
    assert not [p for p in psutil.Process().children(recursive=True) if "RayTrainWorker" in " ".join(p.cmdline())]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("CartPole-v1 --learners 2", "ppo learns in one process; --learners is for labels and self-play"),
        ("digits --learners 40 --batch 32", "each needs at least one example per batch"),
        ("digits --learners 2 --learner-gpus 2", "a learner computes on one GPU"),
    ],
)
def test_who_cannot_have_them(words: str, expected: str, capsys: Any, tmp_path: Path) -> None:
    assert main(["train", *words.split(), "--runs", str(tmp_path)]) == 2
    assert expected in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_cluster_in_a_file_is_not_joined(tmp_path: Path) -> None:
    what = training(DIGITS)
    run = Run.create(tmp_path, "run", {}, {})
    settings = vars(replace(what.settings, learners=2, ray="10.0.0.1:6379"))
    config = {"kind": "labels", "task": "digits", "agent": "mlp", "settings": settings, "config": {"batch": 32}}
    run.write_config(config | {"compute": {"device": "cpu", "threads": 1}})
    with pytest.raises(UserError, match="give it again: --ray 10.0.0.1:6379"):
        resume_together(run.path, {}, {}, [], lambda _: None)
