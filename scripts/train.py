"""`tengen train` and `tengen resume`: a session, its run folder and its sinks, driven to the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

from tengen.checkpoint import checkpoints, differences, read_checkpoint
from tengen.device import Compute
from tengen.display import Display
from tengen.drive import drive
from tengen.errors import UserError
from tengen.metrics import Sink, Trainer, same_metrics
from tengen.provenance import metadata
from tengen.run import Run, run_name
from tengen.wandb_sink import WandbSink
from tengen.zoo import origin


class Session(Protocol):
    """A training put together, in its initial state: an agent in its world, a network and its labels."""

    task: str
    who: str  # what learns: an agent, a network
    settings: Any  # a recipes.Common
    compute: Compute
    measured: dict[str, float]  # samples/s of each way of computing that was tried
    frames_per_step: int

    @property
    def learner(self) -> Trainer: ...

    def config(self) -> dict[str, Any]:
        """What config.yaml holds: enough to build the same session again."""
        ...

    def attach(self, run: Run, writing: bool = True) -> None: ...

    def remarks(self) -> list[str]:
        """What the user should know before the training starts."""
        ...

    def trainer(self) -> Trainer:
        """The learner, with whatever may end it early."""
        ...

    def display(self, name: str) -> Display: ...

    def finish(self, run: Run, say: Any) -> dict[str, Any] | None:
        """Score card and pictures of a finished run; a failure in one leaves the others."""
        ...

    def type_next(self, run: Run) -> list[str]: ...

    def close(self) -> None: ...


def session_of_run(run: Run) -> Session:
    """The session that `run`'s config.yaml describes, in its initial state."""
    kind = run.config().get("kind")
    if kind == "labels":
        from scripts.label_session import LabelSession

        return LabelSession.of_run(run)
    if kind == "selfplay":
        from scripts.selfplay_session import SelfPlaySession

        return SelfPlaySession.of_run(run)
    from scripts.agent_session import AgentSession

    return AgentSession.of_run(run)


def train_new(session: Session, root: Path) -> int:
    """Make a run of `session` under `root` and train it to its end."""
    meta = metadata(session.compute.to_dict(), session.measured)
    if trunk := session.settings.trunk:
        meta["began_from"] = origin(trunk, root)
    name = run_name(session.task, session.who, session.settings.seed)
    run = Run.create(root, name, session.config(), meta)
    for line in session.remarks():
        print(line)
        run.log(line)
    session.attach(run)
    return _drive(session, run)


def resume(run: Run | Path, steps: int = 0, threads: int = 0) -> int:
    """Go on with a run from its newest good checkpoint; from here on to another end, or with other threads."""
    run = Run.open(run) if isinstance(run, Path) else run
    run.lock()
    if steps or threads:
        change(run, steps, threads)
    session = session_of_run(run)
    session.attach(run)
    again = getattr(session.settings, "reseed_every", 0)
    how = f" (the games play up to {again:,} steps again)" if again else ""
    print(f"{run.path}: putting everything back as it was{how} …", flush=True)
    step = run.restore(session.learner)
    run.log(f"resumed from step {step}")
    print(f"resumed from step {step:,}")
    return _drive(session, run)


def change(run: Run, steps: int, threads: int) -> None:
    """Another end of the schedules, or another number of threads, from the newest checkpoint on; 0 changes nothing."""
    config = run.config()
    saved = checkpoints(run.checkpoint_folder)
    if steps and "steps" not in config.get("settings", {}):
        raise UserError(f"{run.path} learns from labels by epochs; --steps is for agents")
    if steps and saved and steps <= saved[-1][0]:
        raise UserError(f"{run.path} is at step {saved[-1][0]:,} already; --steps has to be more than that")
    wanted = [("settings", "steps", steps), ("settings", "threads", threads), ("compute", "threads", threads)]
    for part, key, value in wanted:
        if value and value != config[part][key]:
            run.log(f"{part}.{key} {config[part][key]} becomes {value}")
            config[part][key] = value
    run.write_config(config)


def verify(path: Path) -> int:
    """Repeat a run from its last checkpoint but one to its last, and compare every bit."""
    run = Run.open(path)
    run.lock()
    saved = checkpoints(run.checkpoint_folder)
    if len(saved) < 2:
        raise UserError(f"{path} has {len(saved)} checkpoint(s) and a proof needs two; train it a little longer")
    (first, first_path), (last, last_path) = saved[-2:]
    session = session_of_run(run)
    session.attach(run, writing=False)
    session.learner.load(read_checkpoint(first_path))
    expected = {row["step"]: same_metrics(row) for row in run.rows()}
    print(f"repeating steps {first:,} to {last:,} of {path} …", flush=True)
    wrong: list[str] = []
    for tick in session.learner.ticks():
        row = expected.get(tick.step, {})
        wrong += [
            f"{k} at step {tick.step}"
            for k, v in same_metrics(tick.metrics).items()
            if json.dumps(row.get(k)) != json.dumps(v)
        ]
        if tick.step >= last:
            break
    wrong += differences(session.learner.state(), read_checkpoint(last_path))
    session.close()
    if wrong:
        print(f"NOT the same: {len(wrong)} differences, the first: {', '.join(wrong[:5])}")
        return 1
    print("the same, bit for bit: weights, optimiser, generators, metrics and whatever was being played")
    return 0


def _drive(session: Session, run: Run) -> int:
    """Train to the end; the session is attached to its run."""

    def say(text: str) -> None:
        run.log(text)
        print(f"tengen: {text}", flush=True)

    display = session.display(run.path.name)
    sinks: list[Sink] = [display]
    if session.settings.wandb != "off":
        sinks.append(WandbSink(session.settings.wandb, run.path, run.config(), say))
    card: dict[str, Any] | None = None
    try:
        outcome = drive(
            run,
            session.trainer(),
            sinks,
            frames_per_step=session.frames_per_step,
            checkpoint_seconds=session.settings.checkpoint_seconds,
        )
        display.close(None)
        if outcome == "finished":
            card = session.finish(run, say)
    finally:
        for sink in sinks:
            sink.close(card)
        session.close()
        run.release()
    if outcome == "stopped":
        print(f"stopped and saved at step {session.learner.step:,}; go on with:\n  tengen resume {run.path}")
    else:
        print("\n  ".join(["type next:", *session.type_next(run)]))
    return 0
