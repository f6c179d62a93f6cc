"""A sweep from beginning to end, new or resumed; called by `tengen sweep`."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tengen.cluster import LOCAL, Cluster
from tengen.config import kinds_of
from tengen.connection import connect
from tengen.drive import Stop
from tengen.errors import UserError
from tengen.kinds import Training
from tengen.options import Parser, given_option
from tengen.settings import Distributed
from tengen.sweep.progress import Progress
from tengen.sweep.record import FINISHED, RUNNING, STOPPED, TUNE, WAITING, Sweep, Trial, locked, new_folder
from tengen.sweep.settings import SweepSettings, metric_of
from tengen.sweep.space import draw, parse_axis
from tengen.typed import TypedTraining, read_training

_FIXED = ("ray", "ray_no_token", "learners", "learner_gpus")  # where the sweep runs; a trial is one process


def plan(over: Sequence[str], args: Sequence[str], settings: SweepSettings, also: Sequence[str] = ()) -> Sweep:
    """The sweep that was typed: `over` for each `--over`, `args` for `tengen train`.

    All trials are put together from their options, so that a mistake is found before anything runs. UserError for it.
    """
    if not over:
        raise UserError("what should differ? for example --over lr=loguniform:1e-4:1e-2 (see tengen sweep --help)")
    typed = _typed(args, also)
    if typed.training.settings.learners > 1:
        raise UserError("each trial of a sweep has one learner; --learners is for tengen train")
    kinds = kinds_of(type(typed.training.settings)) | kinds_of(type(typed.training.config))
    if typed.preset.agents:
        kinds["agent"] = str
    kinds = {name: kind for name, kind in kinds.items() if name not in _FIXED}
    axes = tuple(parse_axis(text, kinds) for text in over)
    for i, axis in enumerate(axes):
        option = "--" + axis.name.replace("_", "-")
        if axis.name in [other.name for other in axes[:i]]:
            raise UserError(f"--over {axis.name} is given twice; put all its values into one")
        if any(word.split("=")[0] in (option, option.replace("--", "--no-", 1)) for word in args):
            raise UserError(f"{option} is given with --over and by itself; leave one out")
    task, *options = args
    if not given_option(list(args), "--threads") and "threads" not in [axis.name for axis in axes]:
        options += ["--threads", str(max(1, int(settings.trial_cpus)))]
    metric, mode = metric_of(settings.metric, typed.kind.metric)
    seed = typed.training.settings.seed
    trials = tuple(Trial(i, values) for i, values in enumerate(draw(axes, settings.trials, seed)))
    sweep = Sweep(task, tuple(options), axes, seed, metric, mode, settings, trials)
    for trial in trials:
        read_training(Parser("tengen train"), sweep.arguments(trial))
    return sweep


def _typed(args: Sequence[str], also: Sequence[str]) -> TypedTraining:
    return read_training(Parser("tengen sweep"), args, also)


def begin(root: Path, sweep: Sweep) -> Path:
    """The folder of a new sweep, with its record."""
    folder = new_folder(root, sweep.task)
    sweep.write(folder)
    return folder


def going_on(sweep: Sweep, settings: SweepSettings, over: Sequence[str], args: Sequence[str], again: bool) -> Sweep:
    """A sweep that was stopped or killed, with what was typed now: only how it is run, not what its trials are.

    A file starts no program and sends our token nowhere: --outside and --ray (`again`) have to be typed once more.
    """
    if sweep.settings.ray != LOCAL and not again:
        raise UserError(
            f"the sweep used the Ray cluster at {sweep.settings.ray}; to continue there, give it again: --ray"
            f" {sweep.settings.ray} (or --ray local)"
        )
    parser = Parser("tengen sweep --resume")
    parser.add_argument("--outside", default=None)
    typed = parser.parse_all(list(args))
    if over:
        raise UserError("--over cannot change when a sweep is resumed; start another one")
    for trial in sweep.trials:
        kind, _, training, _ = read_training(Parser("tengen train"), sweep.arguments(trial))
        if (programs := kind.programs(training)) and typed.outside != training.settings.outside:
            raise UserError(
                f"the sweep matches its networks against {', '.join(programs)}; a program named in a file is not"
                f" started automatically: add --outside '{training.settings.outside}' to start it"
            )
    return replace(sweep, settings=settings)


def run_sweep(folder: Path, sweep: Sweep) -> Progress:
    """Train what has not ended; Ctrl-C saves. What comes back is what lies on disk.

    A trial that is stopped early goes on for a moment, and may have come to its end.
    """
    with locked(folder):
        trials = tuple(replace(t, state=WAITING) if t.state == RUNNING else t for t in sweep.trials)
        with Progress(folder, replace(sweep, trials=trials)) as progress:
            progress.sweep.write(folder)
            try:
                if not all(trial.ended for trial in trials):
                    _train(progress)
            finally:  # those of a sweep that was killed too; with Ray, whoever wrote them is gone
                shutil.rmtree(folder / TUNE, ignore_errors=True)
        sweep, reports = progress.sweep, Progress(folder, progress.sweep).reports
        for trial in sweep.trials:
            if trial.state == STOPPED and trial.number in reports and reports[trial.number].share >= 1:
                sweep = sweep.with_trial(trial.number, state=FINISHED)
        sweep.write(folder)
    return Progress(folder, sweep)


def _train(progress: Progress) -> None:
    sweep = progress.sweep
    settings = sweep.settings

    def bundles(number: int) -> list[dict[str, float]]:
        training = read_training(Parser("tengen train"), sweep.arguments(sweep.trials[number])).training
        return resources(settings, training)

    needed = [bundles(trial.number) for trial in sweep.trials if not trial.ended]
    most = max(sum(bundle.get("CPU", 0) for bundle in one) for one in needed)
    connection = connect(Cluster(settings.ray, settings.ray_no_token), most)
    try:
        from tengen.tune import train_trials

        end = time.monotonic() + 60 * settings.minutes if settings.minutes else float("inf")
        with Stop() as stop:  # only now: Ray takes the signals when it starts
            train_trials(progress, Path.cwd(), bundles, lambda: stop.asked or time.monotonic() > end)
    finally:
        connection.close()


def resources(settings: SweepSettings, training: Training) -> list[dict[str, float]]:
    """What a trial takes up: itself, and each of its workers."""

    def of(cpus: float, gpus: float) -> dict[str, float]:
        return {name: value for name, value in (("CPU", cpus), ("GPU", gpus)) if value}

    own = training.settings
    workers = [of(own.worker_cpus, own.worker_gpus)] * own.workers if isinstance(own, Distributed) else []
    return [of(settings.trial_cpus, settings.trial_gpus), *workers]
