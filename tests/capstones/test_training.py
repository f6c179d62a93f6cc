"""A training is started by a cell, identified by its configuration, and resumes where it was stopped."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from capstones import training as lazily
from capstones.train_one import Learner
from capstones.train_one import main as train
from capstones.training import NOTE, _prepared, _Watcher, training
from tengen.errors import UserError
from tengen.run import Run
from tests.long import takes_long

PARTS = """
import random, time
import numpy as np
import torch

class Training:
    def __init__(self, config):
        self.config, self.step = config, 0
        self.weights = torch.zeros(3)

    def advance(self):
        time.sleep(self.config.get("sleep", 0))
        self.weights += torch.randn(3) * np.random.rand() * random.random()
        self.step += 10
        if self.step == self.config.get("fails"):
            raise ArithmeticError("the loss is no number")
        return {"loss": self.weights.sum(), "score": self.step}

    def state(self):
        return {"weights": self.weights, "step": self.step, "moments": {0: {"exp": self.weights}, "1": [2, {3: 4}]}}

    def load(self, state):
        self.weights, self.step = state["weights"], state["step"]
        assert list(state["moments"]) == [0, "1"] and state["moments"]["1"] == [2, {3: 4}]

class Stuck(Training):
    def advance(self):
        return {"loss": 1}

class Half:
    def __init__(self, config): self.step = 0

class Talks(Training):
    def advance(self):
        self.step += 1
        return "fine"
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "train.py").write_text(PARTS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "parts"]:
        monkeypatch.delitem(sys.modules, name)  # left by another test
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "parts"]:
        del sys.modules[name]  # other projects have a `parts`, too


def test_stopped_found_and_finished(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A kernel interrupt stops it with a checkpoint; the next run of the cell finishes it, exactly as if uninterrupted;
    the third finds it done; changed parts are reported."""
    config = {"sleep": 0.02, "seed": 3}

    def interrupt() -> None:
        rows = project / "runs"
        while not any("score" in f.read_text() for f in rows.glob("*/metrics.jsonl")):
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    assert lazily is training
    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        training("parts.train:Training", config, steps=10_000)
    (path,) = (project / "runs").iterdir()
    assert "stopped and saved at step" in capsys.readouterr().out and path.name.endswith("-s3")
    stopped = Run.open(path).rows()[-1]["step"]
    found = training("parts.train:Training", config, steps=stopped + 50, watch="score")
    assert found.path.resolve() == path and found.rows[-1]["step"] == stopped + 50
    assert "score" in capsys.readouterr().out
    alone = Learner("parts.train:Training", config, stopped + 50)
    expected = [tick.metrics["loss"] for tick in alone.ticks()]
    assert found.column("loss")[1] == expected and found.state["weights"].tolist() == alone.made.weights.tolist()
    (project / "parts" / "train.py").write_text(PARTS + "# changed\n")
    begun = time.monotonic()
    again = training("parts.train:Training", config, steps=stopped)
    assert again.rows == found.rows and time.monotonic() - begun < 10
    assert "was begun before parts/train.py changed" in capsys.readouterr().out
    assert json.loads((path / "meta.json").read_text())["python"]


@takes_long
def test_a_training_that_fails_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match=r"the training failed: ArithmeticError: the loss is no number .*output.txt"):
        training("parts.train:Training", {"fails": 30}, steps=100)
    assert "parts/train.py" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("make", "says"),
    [
        ("parts.train:Stuck", "must raise `step`, which stays at 0"),
        ("parts.train:Talks", "must return a dict of numbers, not 'fine'"),
        ("parts.train:Trainign", "did you mean Training"),
        ("parts.train:Half", "has no advance, state, load"),
    ],
)
def test_what_is_no_training_is_one_line(make: str, says: str) -> None:
    with pytest.raises(UserError) as error:
        list(Learner(make, {"seed": 1}, 5).ticks())
    assert says in str(error.value)


def test_settings_are_plain() -> None:
    with pytest.raises(UserError, match="config may only hold numbers"):
        training("parts.train:Training", {"net": object()}, steps=1)
    with pytest.raises(UserError, match="name a module and a class in it"):
        training("parts.train", steps=1)


def test_a_damaged_checkpoint_is_told_where_the_cell_is(capsys: pytest.CaptureFixture[str]) -> None:
    run = _prepared(Path("runs"), "parts.train:Training", {"seed": 1}, 20, "train")
    for steps in (20, 40):
        train(run.path, steps)
        run.release()
    newest = run.path / "checkpoints" / "step-000000000040"
    (newest / "tree.json").write_text("{")
    capsys.readouterr()
    train(run.path, 60)
    said = capsys.readouterr().out
    assert said.startswith(NOTE) and said.count("\n") == 1
    assert f"{newest.name}" in said and said.removeprefix(NOTE).strip() in (run.path / "train.log").read_text()
    (run.path / "output.txt").write_text("of the class itself\n" + said)
    with _Watcher(run, 60, "", show=False) as watcher:
        for _ in range(2):
            watcher.notes()
    assert capsys.readouterr().out == f"{run.path.name}: {said.removeprefix(NOTE)}"
