"""Several learners as one training, started by Ray Train's TorchTrainer.

    driver (the command that was typed)       rank 0, a process on Ray                     rank 1 … N-1
    display, what to type next   ◀─ Post ───  the run: rows, checkpoints, card             follow: the same network,
    Ctrl-C                       ── asked ─▶  Session as in one process, its learner       another part of each batch
                                              in a Group  ◀── torch.distributed ──▶

Ray Train starts the processes and joins them by torch.distributed (NCCL between GPUs, gloo between CPUs). Its own
checkpoints are not used: rank 0 writes the run's folder as usual. If a process dies the training ends, and
`tengen resume` continues from the last checkpoint, with any number of learners.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tengen.cluster import Cluster, check_typed_again
from tengen.connection import connect
from tengen.description import Description
from tengen.device import cores
from tengen.display import Display
from tengen.drive import Stop
from tengen.errors import UserError, first_line
from tengen.kinds import KINDS, Training, kind_named
from tengen.learners.process import Order, follow, lead
from tengen.run import Run
from tengen.session import Outcome, Say, Typed

_LOOK = 0.2  # seconds between two looks at what rank 0 has posted


def train_together(training: Training, runs: Path, argv: list[str], say: Say) -> Outcome:
    """A new training with several learners. UserError where it cannot have them, or one is lost."""
    settings = training.settings
    if not kind_named(training.kind).shares:
        raise UserError(f"{training.agent} learns in one process; --learners is for labels and self-play")
    if settings.learner_gpus == 0 and settings.device == "auto":
        settings = replace(settings, device="cpu")
    settings = replace(settings, threads=settings.threads or max(1, cores() // settings.learners))
    order = Order(str(runs), replace(training, settings=settings), argv=tuple(argv), here=str(Path.cwd()))
    _check(settings.learners, settings.learner_gpus, settings.device, training.config.batch)
    return _run(order, vars(settings), say)


def resume_together(path: Path, changes: Mapping[str, Any], typed: Typed, argv: list[str], say: Say) -> Outcome:
    """`tengen.session.resume` with the several learners that the run, or `changes`, asks for."""
    what = Description.of_run(Run.open(path))
    settings = what.settings | dict(changes)
    if what.kind not in KINDS or not kind_named(what.kind).shares:
        raise UserError(f"{path} learns in one process; --learners is for labels and self-play")
    check_typed_again(settings, typed.get("ray"))
    device, threads = what.compute.get("device", "cpu"), changes.get("threads") or what.compute.get("threads", 1)
    settings |= {"threads": threads}
    _check(settings["learners"], settings.get("learner_gpus", 0), device, what.config.get("batch", 0))
    order = Order(run=str(path), changes=changes, typed=typed, argv=tuple(argv), here=str(Path.cwd()))
    return _run(order, settings, say)


def _check(learners: int, gpus: int, device: str, batch: int) -> None:
    if gpus > 1:
        raise UserError(f"--learner-gpus {gpus}: a learner computes on one GPU; use more learners")
    if device != "cpu" and not gpus:
        raise UserError("several learners on GPUs need --learner-gpus 1")
    if learners > batch:
        raise UserError(f"--learners {learners}: each needs at least one example per batch, and --batch is {batch}")


# --- the driver -------------------------------------------------------------------------------------------------------


class Post:
    """A Ray actor where rank 0 leaves what the driver shows."""

    def __init__(self) -> None:
        self._news: list[tuple[str, Any]] = []
        self._asked = False

    def put(self, what: str, value: Any) -> bool:
        """Whether the training should save and stop."""
        self._news.append((what, value))
        return self._asked

    def take(self, asked: bool) -> list[tuple[str, Any]]:
        self._asked = self._asked or asked
        news, self._news = self._news, []
        return news


class _Shown:
    """What the driver has shown so far."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._display: Display | None = None
        self.run = ""  # its folder
        self.error = ""
        self.outcome: Outcome | None = None

    def take(self, what: str, value: Any) -> None:
        if what == "run":
            self.run, arguments = value
            self._display = Display(*arguments)
        elif what == "row" and self._display:
            self._display.row(value)
        elif what == "close":
            self.close()
        elif what == "say":
            self._say(value)
        elif what == "error":
            self.error = self.error or value
        elif what == "outcome":
            self.outcome = value

    def close(self) -> None:
        if self._display:
            self._display.close(None)


def _run(order: Order, settings: Mapping[str, Any], say: Say) -> Outcome:
    learners, threads, gpus = settings["learners"], settings["threads"], settings.get("learner_gpus", 0)
    cpus = learners * threads
    workers = settings.get("workers", 0) * settings.get("worker_cpus", 1.0)
    cluster = Cluster(settings.get("ray", "local"), settings.get("ray_no_token", False))
    os.environ.setdefault("RAY_TRAIN_V2_ENABLED", "1")
    os.environ.setdefault("RAY_TRAIN_ENABLE_PRINT_PATCH", "0")
    connection = connect(cluster, cpus + workers)
    folder = tempfile.mkdtemp(prefix="tengen-learners-")
    shown = _Shown(say)
    try:
        import ray

        _refuse_impossible(ray.cluster_resources(), {"CPU": cpus, "GPU": learners * gpus})
        post: Any = ray.remote(num_cpus=0, max_concurrency=1)(Post).remote()  # type: ignore[call-overload]
        failures: list[BaseException] = []

        def fit() -> None:
            try:
                _trainer(order, post, learners, threads, gpus, folder).fit()
            except BaseException as error:  # told to the user below, in the main thread
                failures.append(error)

        thread = threading.Thread(target=fit, daemon=True)
        with Stop() as stop:
            thread.start()
            while True:
                ended = not thread.is_alive()
                for what, value in ray.get(post.take.remote(stop.asked)):
                    shown.take(what, value)
                if ended:
                    break
                thread.join(_LOOK)
        ray.kill(post)
    finally:
        shown.close()
        connection.close()
        shutil.rmtree(folder, ignore_errors=True)
    if shown.error:
        raise UserError(shown.error)
    if failures or shown.outcome is None:
        why = _reason(failures[0]) if failures else "it said nothing"
        again = f"; go on from the last checkpoint: tengen resume {shown.run}" if shown.run else ""
        raise UserError(f"a learner was lost ({why}){again}")
    return shown.outcome


def _trainer(order: Order, post: Any, learners: int, threads: int, gpus: int, folder: str) -> Any:
    from ray.train import CheckpointConfig, FailureConfig, RunConfig, ScalingConfig
    from ray.train.torch import TorchConfig, TorchTrainer

    class OwnGPU(TorchConfig().backend_cls):  # type: ignore[misc]
        """Each process sees only its own GPU, so that `cuda` means that one in all its threads."""

        share_cuda_visible_devices = False

    class Joined(TorchConfig):
        backend_cls = OwnGPU  # type: ignore[assignment]

    each = {"CPU": float(threads)} | ({"GPU": float(gpus)} if gpus else {})
    return TorchTrainer(
        learn,
        train_loop_config={"order": order, "post": post},
        torch_config=Joined(backend="cpu:gloo,cuda:nccl" if gpus else "gloo"),
        scaling_config=ScalingConfig(num_workers=learners, use_gpu=gpus > 0, resources_per_worker=each),
        run_config=RunConfig(
            name="learners",
            storage_path=folder,
            failure_config=FailureConfig(max_failures=0),
            checkpoint_config=CheckpointConfig(),
        ),
    )


def _refuse_impossible(there: Mapping[str, float], needed: Mapping[str, float]) -> None:
    """UserError where the learners take up more than there will ever be: Ray Train would wait for it."""
    for name, count in needed.items():
        if count > there.get(name, 0):
            raise UserError(f"the learners need {count:g} {name}s in all, and there are {there.get(name, 0):g}")


def _reason(error: BaseException) -> str:
    """Of those that failed, the one whose failure was not that of another one."""
    causes = {
        f"rank {rank}: {first_line(cause)}": cause for rank, cause in getattr(error, "worker_failures", {}).items()
    }
    own = [text for text in causes if "gloo" not in text.lower() and "nccl" not in text.lower()]
    if causes and not own:
        return "the connection to it broke"
    return own[0] if own else first_line(error)


# --- the learners -----------------------------------------------------------------------------------------------------


def learn(config: dict[str, Any]) -> None:
    """What each process does; Ray Train has joined them."""
    import ray

    from tengen.learners.group import Group

    order, post = config["order"], config["post"]
    if Path(order.here).is_dir():
        os.chdir(order.here)

    def put(what: str, value: Any) -> bool:
        return bool(ray.get(post.put.remote(what, value)))

    group = Group.joined()
    try:
        if group.rank == 0:
            lead(order, group, put)
        else:
            follow(group)
    except UserError as error:
        put("error", str(error))
        if group.rank:
            raise  # the others wait for this one
