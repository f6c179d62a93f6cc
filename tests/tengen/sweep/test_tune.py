"""Sweeps on a real Ray cluster: early stopping, killed trials and sweeps, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from threading import Event, Thread

import psutil
import pytest

from scripts.cli import main
from tengen.checkpoint import checkpoints
from tengen.metrics import same_metrics
from tengen.run import Run
from tengen.sweep.record import FINISHED, RUNNING, STOPPED, WAITING, Sweep
from tengen.sweep.results import conclude
from tengen.sweep.run import begin, plan, run_sweep
from tengen.sweep.settings import SweepSettings
from tengen.sweep.trial import Order, Report
from tests.long import takes_long
from tests.ray import needs_ray

pytestmark = [needs_ray, pytest.mark.slow]

ROOT = Path(__file__).resolve().parent.parent.parent.parent
QUICK = ["--wandb", "off", "--precision", "float32", "--final-games", "0", "--checkpoint-seconds", "0.1"]


@takes_long
@pytest.mark.usefixtures("ray")
def test_a_trial_that_learns_nothing_is_stopped_early(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One after the other (8 CPUs each): the first has learned by the first rung, the second learns nothing.

    Ctrl-C stops the first past that rung; the resumed sweep knows its value there.
    """
    settings = SweepSettings(trial_cpus=8, first_look=0.3)
    sweep = plan(["lr=0.01,0"], ["bandit", "--steps", "3000", "--threads", "1", *QUICK], settings)
    folder = begin(tmp_path, sweep)
    Thread(target=interrupt_past, args=(folder / "trial-000", 1500), daemon=True).start()
    stopped = run_sweep(folder, sweep)
    assert [trial.state for trial in Sweep.read(folder).trials] == [RUNNING, WAITING]
    reached = stopped.reports[0].step
    assert checkpoints(folder / "trial-000" / "checkpoints")[-1][0] >= reached

    progress = run_sweep(folder, Sweep.read(folder))
    good, bad = progress.sweep.trials
    assert (good.state, bad.state) == (FINISHED, STOPPED)
    assert progress.reports[1].step < 3000
    assert checkpoints(folder / bad.name / "checkpoints"), "it can be evaluated"
    assert progress.reports[1].step == rows(folder / bad.name)[-1], "what lies on disk is what is said"
    assert Sweep.read(folder) == progress.sweep
    assert not (folder / "tune").exists()
    from tengen.tune import scheduler_of  # needs Ray, which is running by now

    known = scheduler_of(folder, progress.sweep)
    assert {name for _, recorded in known._brackets[0]._rungs for name in recorded} == {"trial-000", "trial-001"}
    conclude(progress)
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("trial-001  lr 0.0  stopped early  step ") for line in lines)
    assert any(line.startswith("best: trial-000") for line in lines)


@pytest.mark.usefixtures("ray")
def test_a_trial_that_is_stopped_has_the_time_to_save(monkeypatch: pytest.MonkeyPatch) -> None:
    from tengen import tune

    saved = Event()

    def slow(order: Order, report: Callable[[Report], None], asked: Callable[[], bool]) -> None:
        report(Report(5, 10, 1.0, 1.0, 1.0))
        while not asked():
            time.sleep(0.01)
        time.sleep(0.3)
        saved.set()

    monkeypatch.setattr(tune, "train_trial", slow)
    actor = object.__new__(tune.OneTrial)
    actor.setup({"trial": {"order": asdict(Order("", "", [], "score", [], "nowhere"))}})
    assert actor.step() == {**Report(5, 10, 1.0, 1.0, 1.0).to_dict(), "done": False}
    assert actor.step() == {}, "nothing new: Tune is not kept waiting"
    actor.cleanup()
    assert saved.is_set()


def interrupt_past(run: Path, step: int) -> None:
    """Send Ctrl-C as soon as a run is past `step`."""
    while not run.is_dir() or not any(row["step"] > step for row in Run(run).rows()):
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)


class Running:
    """`tengen sweep …` in a separate process."""

    def __init__(self, folder: Path, *args: str) -> None:
        env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "scripts.cli", "sweep", *args, "--runs", str(folder)]
        self.log = folder.parent / f"log-{len(list(folder.parent.glob('log-*')))}"
        with self.log.open("w") as file:
            self.process = subprocess.Popen(command, cwd=folder.parent, env=env, stdout=file, stderr=file)

    def kill_one(self) -> bool:
        """Kill a training process; False if none is visible at the moment."""
        for process in psutil.Process(self.process.pid).children(recursive=True):
            if "Trainable" in " ".join(_said(process)):
                process.kill()
                return True
        return False

    def until(self, what: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 240
        while not what():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def end(self) -> str:
        self.process.wait(timeout=180)
        return self.log.read_text()


def _said(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def rows(folder: Path) -> list[int]:
    return [row["step"] for row in Run(folder).rows()]


@takes_long
def test_a_sweep_survives_whatever_dies(tmp_path: Path) -> None:
    """A trial is killed, then the sweep: the rest continues, nothing is lost, and nothing is trained twice."""
    runs = tmp_path / "runs"
    runs.mkdir()
    length = ["bandit", "--steps", "8000", *QUICK]
    over = ["--over", "lr=loguniform:1e-3:1e-2", "--trials", "4", "--no-early-stopping"]
    sweep = Running(runs, *length, *over)
    sweep.until(lambda: len(list(runs.glob("*/trial-*/checkpoints/step-*"))) > 0)
    (folder,) = runs.iterdir()
    sweep.until(sweep.kill_one)
    sweep.until(lambda: Sweep.read(folder).trials[0].state == FINISHED)
    sweep.until(lambda: any(len(rows(folder / f"trial-00{n}")) > 5 for n in (2, 3)))
    sweep.process.kill()
    said = sweep.end()
    assert "died; it continues from its last checkpoint" in said
    finished = [t.name for t in Sweep.read(folder).trials if t.state == FINISHED]
    before = {name: (folder / name / "metrics.jsonl").stat() for name in finished}

    last = Running(runs, "--resume", folder.name)
    said = last.end()
    assert last.process.returncode == 0, said
    trials = Sweep.read(folder).trials
    assert [trial.state for trial in trials] == [FINISHED] * 4
    for trial in trials:
        steps = rows(folder / trial.name)
        assert steps == sorted(set(steps)), "no row twice"
        assert steps[-1] >= 8000
        assert f"{trial.name}  " in said, "the table is complete"
    for name in finished:
        now = (folder / name / "metrics.jsonl").stat()
        assert (now.st_mtime, now.st_size) == (before[name].st_mtime, before[name].st_size), "not trained again"
    assert not (folder / "tune").exists()
    best = next(line.strip() for line in said.splitlines() if "tengen train" in line)
    assert main([*best.split()[1:], "--runs", str(tmp_path / "alone")]) == 0
    (alone,) = (tmp_path / "alone").iterdir()
    name = said.partition("best: ")[2].partition(";")[0]
    assert [json.dumps(same_metrics(row)) for row in Run(alone).rows()] == [
        json.dumps(same_metrics(row)) for row in Run(folder / name).rows()
    ], "the command to type next trains the same, bit for bit"
