"""A sweep without Ray: its record, its trials one by one, and its results."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tengen.errors import UserError
from tengen.run import Run, known_run
from tengen.sweep.progress import Progress
from tengen.sweep.record import FAILED, FINISHED, RUNNING, STOPPED, Sweep, Trial, command, known_sweep, locked
from tengen.sweep.results import best, conclude, importances, ranked
from tengen.sweep.run import begin, going_on, plan, resources
from tengen.sweep.settings import SweepSettings, metric_of
from tengen.sweep.space import Axis
from tengen.sweep.trial import Order, Report, Watch, train_trial
from tengen.typed import read_training

QUICK = ["--steps", "1500", "--wandb", "off", "--precision", "float32", "--final-games", "0"]


def test_a_plan_is_made_of_trials_that_can_all_be_trained() -> None:
    sweep = plan(["lr=loguniform:1e-3:1e-1", "agent=ppo,dqn"], ["bandit", *QUICK], SweepSettings(trials=4))
    assert [trial.values["agent"] for trial in sweep.trials].count("dqn") == 2
    assert (sweep.metric, sweep.mode) == ("score", "max")
    arguments = sweep.arguments(sweep.trials[2])
    assert arguments[: 1 + len(QUICK)] == ["bandit", *QUICK]
    assert arguments[1 + len(QUICK) :][:2] == ["--threads", "1"]
    assert command(arguments).startswith("tengen train bandit --steps 1500")


@pytest.mark.parametrize(
    ("over", "args", "said"),
    [
        ([], ["bandit"], "what should differ"),
        (["lr=1,2"], [], "which task"),
        (["lr=1,2"], ["bandit", "--lr", "1"], "--lr is given with --over and by itself"),
        (["lr=1,2"], ["bandit", "--lr=1"], "--lr is given with --over and by itself"),
        (["lr=1,2", "lr=3,4"], ["bandit"], "--over lr is given twice"),
        (["epsilon=0.1,0.2"], ["bandit"], "no option named '--epsilon'"),
        (["lr=1,2"], ["bandit", "--stepps", "1"], "did you mean --steps"),
        (["agent=ppo,pop"], ["bandit"], "did you mean ppo"),
        (["agent=ppo,dqn"], ["bandit", "--clip", "0.1"], "no option named '--clip'"),
        (["ray=a,b"], ["bandit"], "no option named '--ray'"),
        (["lr=1,2"], ["digits", "--learners", "2"], "each trial of a sweep has one learner"),
    ],
)
def test_mistakes_are_found_before_anything_runs(over: list[str], args: list[str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        plan(over, args, SweepSettings())


def test_metrics() -> None:
    assert metric_of("", "test/accuracy") == ("test/accuracy", "max")
    assert metric_of("loss:min", "score") == ("loss", "min")
    assert metric_of("loss", "score") == ("loss", "max")
    with pytest.raises(UserError, match="NAME:min"):
        metric_of("loss:low", "score")


def test_what_a_trial_takes_up() -> None:
    training = read_training_of("bandit", "--workers", "2", "--worker-gpus", "0.25")
    settings = SweepSettings(trial_cpus=1.5)
    assert resources(settings, training) == [{"CPU": 1.5}, *[{"CPU": 1.0, "GPU": 0.25}] * 2]
    assert resources(settings, read_training_of("digits")) == [{"CPU": 1.5}]


def read_training_of(*args: str) -> Any:
    from tengen.options import Parser

    return read_training(Parser("tengen train"), args).training


def test_the_record_comes_back_from_disk(tmp_path: Path) -> None:
    sweep = plan(["lr=1e-3,1e-2"], ["bandit", *QUICK], SweepSettings())
    sweep = sweep.with_trial(1, state=FAILED, reason="loss/policy is NaN at step 5")
    folder = begin(tmp_path, sweep)
    assert Sweep.read(folder) == sweep
    assert known_sweep(tmp_path, "last") == known_sweep(tmp_path, folder.name) == folder
    with pytest.raises(UserError, match="no sweep named"):
        known_sweep(tmp_path, "nothing")
    with locked(folder), pytest.raises(UserError, match="another process"), locked(folder):
        pass


@pytest.mark.parametrize(
    "damage",
    [
        lambda saved: saved.pop("axes"),
        lambda saved: saved["trials"][0].update(values={}),
        lambda saved: saved["trials"][1].update(number=0),
        lambda saved: saved["trials"][0].update(state="lost"),
        lambda saved: saved.update(options=[1]),
        lambda saved: saved.update(mode="best"),
        lambda saved: saved["settings"].update(keep=1),
        lambda saved: saved.update(more=1),
    ],
)
def test_a_garbled_record_is_refused_in_one_line(damage: Any, tmp_path: Path) -> None:
    folder = begin(tmp_path, plan(["lr=1e-3,1e-2"], ["bandit", *QUICK], SweepSettings()))
    saved = json.loads((folder / "sweep.json").read_text())
    damage(saved)
    (folder / "sweep.json").write_text(json.dumps(saved))
    with pytest.raises(UserError) as refused:
        Sweep.read(folder)
    assert "\n" not in str(refused.value)


def test_what_only_a_person_may_say_is_asked_for_again() -> None:
    """A file must not start a program or send our token anywhere."""
    options = ["tictactoe", "--outside", "gtp:touch /tmp/x"]
    sweep = plan(["lr=1e-3,1e-2"], options, SweepSettings(ray="10.0.0.1:6379"))
    settings = replace(sweep.settings, ray="local")
    with pytest.raises(UserError, match=r"--ray 10\.0\.0\.1:6379"):
        going_on(sweep, settings, [], [], False)
    with pytest.raises(UserError, match="--outside 'gtp:touch /tmp/x'"):
        going_on(sweep, settings, [], [], True)
    assert going_on(sweep, settings, [], ["--outside", "gtp:touch /tmp/x"], True).settings == settings
    with pytest.raises(UserError, match="--over cannot change"):
        going_on(sweep, settings, ["lr=1,2"], [], True)


def order(folder: Path, *args: str, metric: str = "score") -> Order:
    return Order(str(folder), "trial-000", ["bandit", *QUICK, "--threads", "1", *args], metric, [0.1, 0.3, 0.9], ".")


def test_a_trial_is_an_ordinary_run_that_goes_on_where_it_stopped(tmp_path: Path) -> None:
    reports: list[Report] = []
    train_trial(order(tmp_path), reports.append, lambda: bool(reports) and reports[-1].share > 0.25)
    stopped = reports[-1]
    assert stopped.state == RUNNING
    assert 375 < stopped.step < 1500
    run = Run.open(tmp_path / "trial-000")
    assert run.meta()["argv"][:3] == ["tengen", "train", "bandit"]
    train_trial(order(tmp_path), reports.append, lambda: False)
    assert reports[-1].state == FINISHED
    steps = [row["step"] for row in run.rows()]
    assert steps == sorted(set(steps))
    passed = [min(r.step for r in reports if r.share >= rung) for rung in (0.1, 0.3, 0.9)]
    first = [min(step for step in steps if step >= rung * 1500) for rung in (0.1, 0.3, 0.9)]
    assert passed == first, "the first row past each rung is reported"
    assert "resumed from step" in (run.path / "train.log").read_text()


@pytest.mark.parametrize(
    ("args", "metric", "said", "diverged"),
    [
        (["--net", "smal"], "score", "did you mean small", False),
        ([], "scores", "no column scores in its metrics", False),
        (["--lr", "9e15", "--value-coef", "9e15"], "score", "is not finite at step", True),
    ],
)
def test_a_trial_that_fails_says_why(args: list[str], metric: str, said: str, diverged: bool, tmp_path: Path) -> None:
    reports: list[Report] = []
    train_trial(order(tmp_path, *args, metric=metric), reports.append, lambda: False)
    assert reports[-1].state == FAILED
    assert said in reports[-1].reason
    assert reports[-1].diverged == diverged
    assert Report.from_dict(reports[-1].to_dict()) == reports[-1]


def test_a_run_without_a_checkpoint_begins_again(tmp_path: Path) -> None:
    (tmp_path / "trial-000" / "checkpoints").mkdir(parents=True)
    (tmp_path / "trial-000" / "config.yaml").write_text("half of")
    reports: list[Report] = []
    train_trial(order(tmp_path), reports.append, lambda: False)
    assert reports[-1].state == FINISHED


def test_a_value_is_kept_until_the_next() -> None:
    reports: list[Report] = []
    watch = Watch("rating", [0.5], 100, reports.append)
    for step, more in ((40, {}), (60, {}), (70, {"rating": 3.0}), (80, {})):
        watch.row({"step": step, "seconds": step / 10} | more, live=False)
    assert [(r.step, r.value) for r in reports] == [(70, 3.0)], "the rung is passed with the first value past it"
    assert watch.newest is not None
    assert watch.newest.value == 3.0


def swept(tmp_path: Path, scores: list[float | None], mode: str = "max") -> Progress:
    """A sweep with given scores, which depend on lr and not on net."""
    axes = (Axis("lr", "loguniform", 1e-4, 1e-1), Axis("net", "list", items=("a", "b")))
    values = [{"lr": 10 ** (-4 + 3 * i / len(scores)), "net": "ab"[i % 2]} for i in range(len(scores))]
    states = [FAILED if s is None else FINISHED if i % 3 else STOPPED for i, s in enumerate(scores)]
    trials = tuple(Trial(i, v, s) for i, (v, s) in enumerate(zip(values, states, strict=True)))
    progress = Progress(tmp_path, Sweep("bandit", (), axes, 1, "score", mode, trials=trials))
    progress.reports = {i: Report(100, 100, s, 1.0, 0.0) for i, s in enumerate(scores)}
    return progress


def test_a_table_on_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    sweep = plan(["lr=1e-3,1e-2,1e-1"], ["bandit", *QUICK], SweepSettings())
    screen = StringIO()
    with Progress(tmp_path, sweep, screen) as progress:
        progress.change(1, RUNNING)
        progress.report(1, Report(750, 1500, 0.25, 10.0, 90.0))
        progress.change(0, FAILED, "loss/policy is NaN at step 5")
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue()).splitlines()
    assert any("1 of 3 trials ended" in line for line in shown)
    assert any(line.split() == ["trial-001", "0.01", "750", "0.25", "running", "1m30s"] for line in shown)
    assert any(line.split() == ["trial-000", "0.001", "failed"] for line in shown)


def test_plain_lines_elsewhere(tmp_path: Path) -> None:
    sweep = plan(["lr=1e-3,1e-2"], ["bandit", *QUICK], SweepSettings())
    file = StringIO()
    with Progress(tmp_path, sweep, file) as progress:
        progress.change(1, RUNNING)
        progress.report(1, Report(750, 1500, 0.25, 10.0, 90.0))
        progress.change(1, FAILED, "loss/policy is NaN at step 751")
    first, last = file.getvalue().splitlines()
    assert first == "trial-001  lr 0.01  running"
    assert last == "trial-001  lr 0.01  failed (loss/policy is NaN at step 751)  step 750  score 0.25"


def test_a_sweep_is_no_run(tmp_path: Path) -> None:
    folder = begin(tmp_path, plan(["lr=1e-3,1e-2"], ["bandit", *QUICK], SweepSettings()))
    with pytest.raises(UserError, match=f"tengen sweep --resume {folder.name}"):
        known_run(tmp_path, folder.name)


def test_the_best_and_what_mattered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scores: list[float | None] = [float(np.sin(3 * i / 16)) for i in range(16)]
    scores[3] = None
    progress = swept(tmp_path, scores)
    winner = best(progress)
    assert winner is not None
    assert winner.number == 8
    assert ranked(progress)[-1].number == 3
    found = importances(progress)
    assert found is not None
    assert found["lr"] > 0.3
    assert found["net"] < 0.1
    conclude(progress)
    said = capsys.readouterr().out
    assert "tengen train bandit --lr" in said
    assert (tmp_path / "sweep.png").stat().st_size > 5000
    lowest = best(swept(tmp_path, scores, "min"))
    assert lowest is not None
    assert lowest.number == 0


def test_trials_that_diverged_count_as_the_worst(tmp_path: Path) -> None:
    """Whatever the message says; other failures tell nothing."""
    progress = swept(tmp_path, [1.0] * 12 + [None] * 4)
    assert importances(progress) is None
    for number in range(12, 16):
        progress.change(number, FAILED, "loss/policy is not finite at step 5", diverged=True)
    found = importances(progress)
    assert found is not None
    assert found["lr"] > 0.3


def test_too_few_trials_say_nothing_of_what_mattered(tmp_path: Path) -> None:
    assert importances(swept(tmp_path, [1.0, 2.0, 3.0])) is None
    assert importances(swept(tmp_path, [1.0] * 12)) is None
    assert best(swept(tmp_path, [None, None])) is None
