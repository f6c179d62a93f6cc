"""A sweep's trials on Ray Tune: which runs where, and which is stopped early. The rest of a sweep is in tengen/sweep.

    Tuner ── Order ──▶ OneTrial (an actor: a process of its own) ── a thread ──▶ tengen/sweep/trial.py
      │ ◀─────────────────────── reports ─────────────────────────────────────┘
      ├ ASHA: trials that are behind at a rung are stopped
      └ Follow: states into sweep.json, the table

Nothing of Tune is kept: its files are in a folder that is deleted (sweep/run.py), and a resumed sweep gets a new Tuner,
which is told the results of earlier trials (`_tell`).
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ray.tune
from ray.tune.schedulers import ASHAScheduler, FIFOScheduler, TrialScheduler

from tengen.cluster import Cluster
from tengen.description import Description
from tengen.errors import UserError
from tengen.run import Run
from tengen.sweep.progress import Progress
from tengen.sweep.record import FAILED, FINISHED, RUNNING, STOPPED, TUNE, Sweep
from tengen.sweep.settings import SweepSettings
from tengen.sweep.trial import Order, Report, Watch, train_trial

RESTARTS = 3  # of a trial whose process died
_BUNDLES = list[dict[str, float]]  # resources: of a trial, then of each of its workers


class OneTrial(ray.tune.Trainable):
    """The actor that trains one trial, in a thread, so that it can be asked to save and stop."""

    def setup(self, config: dict[str, Any]) -> None:
        order = Order(**config["trial"]["order"])
        if Path(order.here).is_dir():
            os.chdir(order.here)
        self._reports: queue.Queue[dict[str, Any]] = queue.Queue()
        self._asked = threading.Event()
        self._thread = threading.Thread(target=self._train, args=(order,), daemon=True)
        self._thread.start()

    def _train(self, order: Order) -> None:
        train_trial(order, lambda report: self._reports.put(report.to_dict()), self._asked.is_set)

    def step(self) -> dict[str, Any]:
        try:
            report = self._reports.get(timeout=0.5)
        except queue.Empty:
            return {}
        return report | {"done": report["state"] in (FINISHED, FAILED)}

    def cleanup(self) -> None:
        """Waits until the trial has saved itself."""
        self._asked.set()
        self._thread.join()


class Follow(ray.tune.Callback):
    """Reports Tune's decisions to the sweep's progress."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __getstate__(self) -> dict[str, Any]:
        return {}  # Tune writes its callbacks down, to read them back, which never happens here

    def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **_: Any) -> None:
        self._progress.change(_number(trial), RUNNING)

    def on_trial_result(self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **_: Any) -> None:
        if "state" in result:
            self._progress.report(_number(trial), Report.from_dict(result))

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **_: Any) -> None:
        ended = trial.last_result.get("state", RUNNING)
        state = STOPPED if ended == RUNNING else ended
        last = trial.last_result
        self._progress.change(_number(trial), state, last.get("reason", ""), bool(last.get("diverged")))

    def on_trial_recover(self, iteration: int, trials: list[Any], trial: Any, **_: Any) -> None:
        name = self._progress.sweep.trials[_number(trial)].name
        self._progress.say(f"the process of {name} died; it continues from its last checkpoint")

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **_: Any) -> None:
        self._progress.change(_number(trial), FAILED, f"its process died {RESTARTS + 1} times")


def _number(trial: Any) -> int:
    return int(trial.config["trial"]["number"])


class Ending(ray.tune.Stopper):
    """On Ctrl-C, or when the time is up, Tune stops all trials, which save themselves."""

    def __init__(self, asked: Callable[[], bool]) -> None:
        self._asked = asked

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        return False

    def stop_all(self) -> bool:
        return self._asked()


def train_trials(progress: Progress, here: Path, bundles: Callable[[int], _BUNDLES], asked: Callable[[], bool]) -> None:
    """Train all trials of a sweep that have not ended, until it is `asked` to save and stop. Ray is there already.

    `bundles`: the resources of a trial; `here`: the folder that paths among its options start from.
    """
    folder, sweep = progress.folder, progress.sweep
    scheduler = scheduler_of(folder, sweep)

    def order(number: int) -> Order:
        trial, settings = sweep.trials[number], sweep.settings
        rungs = rungs_of(settings) if settings.early_stopping else ()
        return Order(
            str(folder), trial.name, sweep.arguments(trial), sweep.metric, rungs, str(here), sweep.settings.ray
        )

    space: list[dict[str, Any]] = [
        {"number": trial.number, "order": asdict(order(trial.number)), "bundles": bundles(trial.number)}
        for trial in sweep.trials
        if not trial.ended
    ]
    if Cluster(sweep.settings.ray).is_local:
        _refuse_impossible([one["bundles"] for one in space])
    os.environ["TUNE_DISABLE_SIGINT_HANDLER"] = "1"  # `asked` is told of Ctrl-C
    os.environ["TUNE_DISABLE_AUTO_CALLBACK_LOGGERS"] = "1"  # the runs have their own files
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"  # or it prints although it is told not to
    os.environ["TUNE_DISABLE_STRICT_METRIC_CHECKING"] = "1"  # a rating comes now and then
    logging.getLogger("ray.tune").setLevel(logging.ERROR)
    tuner = ray.tune.Tuner(
        ray.tune.with_resources(OneTrial, lambda config: ray.tune.PlacementGroupFactory(config["trial"]["bundles"])),
        param_space={"trial": ray.tune.grid_search(space)},
        tune_config=ray.tune.TuneConfig(
            scheduler=scheduler,
            trial_dirname_creator=lambda trial: f"trial-{_number(trial):03d}",
        ),
        run_config=ray.tune.RunConfig(
            name=TUNE,
            storage_path=str(folder),
            callbacks=[Follow(progress)],
            stop=Ending(asked),
            checkpoint_config=ray.tune.CheckpointConfig(checkpoint_frequency=0, checkpoint_at_end=False),
            failure_config=ray.tune.FailureConfig(max_failures=RESTARTS),
            verbose=0,
        ),
    )
    tuner.fit()


def _refuse_impossible(trials: Sequence[_BUNDLES]) -> None:
    """UserError where a trial takes up more than there will ever be: Tune would wait for it."""
    there = ray.cluster_resources()
    for bundles in trials:
        for name in ("CPU", "GPU"):
            needed, has = sum(bundle.get(name, 0) for bundle in bundles), there.get(name, 0)
            if needed > has:
                option = f"--trial-{name.lower()}s"
                raise UserError(f"a trial needs {needed:g} {name}s, and there are {has:g}; give it fewer: {option}")


def rungs_of(settings: SweepSettings) -> list[float]:
    """The parts of a training at which trials are compared, rising: 0.1, 0.3, 0.9."""
    rungs = [settings.first_look]
    while (following := settings.first_look * settings.keep ** len(rungs)) < 1:
        rungs.append(following)
    return [rung for rung in rungs if rung < 1]


def scheduler_of(folder: Path, sweep: Sweep) -> TrialScheduler:
    """Who is stopped early; it knows what the trials that have ended reached at each rung."""
    settings = sweep.settings
    rungs = rungs_of(settings)
    if not settings.early_stopping or not rungs:
        return FIFOScheduler()
    scheduler = ASHAScheduler(
        time_attr="share",
        metric="value",
        mode=sweep.mode,
        max_t=1,
        grace_period=rungs[0],  # type: ignore[arg-type]  # Tune's types say int; any number that grows will do
        reduction_factor=settings.keep,
        stop_last_trials=False,
    )
    for trial in sweep.trials:
        if trial.state in (FINISHED, STOPPED):
            _tell(scheduler, Run.open(folder / trial.name), trial.name, sweep.metric, rungs)
    return scheduler


def _tell(scheduler: ASHAScheduler, run: Run, name: str, metric: str, rungs: Sequence[float]) -> None:
    """Report what a run's rows say of each rung, as if it were trained again."""
    stub: Any = SimpleNamespace(trial_id=name)
    nobody: Any = None
    scheduler.on_trial_add(nobody, stub)
    total = Description.of_run(run).total_steps
    watch = Watch(
        metric, rungs, total, lambda report: _ignored(scheduler.on_trial_result(nobody, stub, report.to_dict()))
    )
    for row in run.rows():
        watch.row(row, live=False)


def _ignored(decision: str) -> None:
    """What ASHA would do with a trial that has ended."""
