"""A training from beginning to end: new, resumed or verified.

    session = what is trained, put together in its initial state (each room has its own)
    run     = its folder
    drive   = the loop that trains it (tengen/drive.py)

A command prints what comes back; `present` is where it draws and films a finished run, before W&B is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tengen.bounds import opened
from tengen.card import Card
from tengen.checkpoint import checkpoints, read_newest
from tengen.cluster import check_typed_again
from tengen.description import Description
from tengen.device import Compute
from tengen.display import Display
from tengen.drive import drive
from tengen.errors import UserError
from tengen.kinds import Training, kind_named
from tengen.learned_from import checked, name_data, other_data
from tengen.metrics import Sink, Trainer
from tengen.provenance import metadata
from tengen.run import Run, run_name
from tengen.wandb_sink import WandbSink

Say = Callable[[str], None]
Typed = Mapping[str, str]  # options of this very call that a saved configuration may not decide:
#                            {"outside": "gtp:…", "ray": "HOST:PORT"}


class Session(Protocol):
    """An assembled training in its initial state: an agent and its environment, or a network and its labels."""

    training: Training
    settings: Any  # a tengen.settings.Common
    compute: Compute
    measured: dict[str, float]  # samples/s of each backend that was tried
    began_from: dict[str, Any] | None  # origin of the network of --trunk
    frames_per_step: int

    @property
    def learner(self) -> Trainer: ...

    def description(self) -> Description:
        """The content of config.yaml: enough to build the same session again."""

    def attach(self, run: Run, report: Say, writing: bool = True) -> None:
        """Tell the learner where its files are, and where to report events such as lost workers.

        `writing` False leaves the run as it is.
        """

    def remarks(self) -> list[str]:
        """What the user should know before the training starts."""

    def trainer(self) -> Trainer:
        """The learner, with whatever may end it early."""

    def display(self, name: str) -> Display: ...

    def measures(self) -> str:
        """What `finish` measures, for people; empty where it takes no time."""

    def finish(self, run: Run) -> Card | None:
        """The score card of a finished run, kept in its folder."""

    def type_next(self, run: Run) -> list[str]: ...

    def close(self) -> None: ...


Present = Callable[[Session, Run, "Card | None", Say], None]


@dataclass(frozen=True)
class Outcome:
    """How a training ended."""

    run: Path
    finished: bool  # else stopped, and saved
    step: int
    next: Sequence[str]  # commands to type


@dataclass(frozen=True)
class Within:
    """An unattended training that is part of something larger, such as a sweep."""

    name: str  # of the run's folder; empty: the usual one
    argv: Sequence[str]  # the command that trains the same
    sink: Sink  # gets every row, instead of a display
    asked: Callable[[], bool]  # whether it should save and stop
    ready: Callable[[Session, Run], None] = lambda session, run: None  # called before it trains


@dataclass(frozen=True)
class Report:
    """The result of an evaluation."""

    cards: Sequence[Card]
    next: Sequence[str] = ()  # commands to type
    listed: bool = False  # several cards belong together: as JSON a list


def session_of_run(run: Run, typed: Typed | None = None) -> Session:
    """The session that `run`'s config.yaml describes, in its initial state."""
    what, typed = Description.of_run(run), typed or {}
    for part in ("settings", "config", "compute"):
        if not getattr(what, part):
            raise UserError(f"'{part}' is missing or invalid in {run.path / 'config.yaml'}")
    check_typed_again(what.settings, typed.get("ray"))
    with opened(run.checkpoint_folder):
        session: Session = kind_named(what.kind).session_of_run(run, typed)
    return session


def restored(run: Run, session: Session) -> Session:
    """`session` in the state of the newest good checkpoint of `run`. UserError if its data do not fit."""
    try:
        read_newest(run.checkpoint_folder, session.learner.load)
    except UserError as error:
        if told := other_data(run, session):
            raise UserError(f"{told}, and do not fit: {name_data(run)}") from error
        raise
    return session


def train_new(session: Session, root: Path, present: Present, say: Say, within: Within | None = None) -> Outcome:
    """Make a run of `session` under `root` and train it to its end."""
    with _closed_if_it_fails(session):
        meta = metadata(session.compute.to_dict(), session.measured, within.argv if within else None)
        if session.began_from:
            meta["began_from"] = session.began_from
        what = session.description()
        name = (within.name if within else "") or run_name(what.task, what.agent, what.seed)
        run = Run.create(root, name, what.to_dict(), meta)
        for line in session.remarks():
            say(line)
            run.log(line)
        session.attach(run, _reporter(run, say))
    return _train(session, run, present, say, within)


def resume(
    path: Path, changes: Mapping[str, Any], typed: Typed, present: Present, say: Say, within: Within | None = None
) -> Outcome:
    """Continue from the newest good checkpoint, with `changes` to the settings: steps, threads, data …"""
    run = Run.open(path)
    run.lock()
    before = run.config()
    told = change(run, changes)
    try:
        session = session_of_run(run, typed)
        with _closed_if_it_fails(session):
            inexact = checked(run, session)
    except UserError:
        run.write_config(before)
        raise
    for line in told:
        run.log(line)
    with _closed_if_it_fails(session):
        report = _reporter(run, say)
        session.attach(run, report)
        again = getattr(session.settings, "reseed_every", 0)
        inexact = getattr(session.learner, "inexact", "") or inexact
        how = f" (replaying up to {again:,} steps of the games)" if again and not inexact else ""
        say(f"{run.path}: restoring{how} …")
        anew = run.begins_anew
        step = run.restore(session.learner, report)
        begun = f"resumed from step {step:,}"
        if anew:
            begun = "restarted with the same seed: it was stopped before its first checkpoint"
            begun += f"; from the trunk of {session.settings.trunk}, as before" if session.began_from else ""
        for tell in (run.log, say):
            tell(begun + (f"; {inexact}" if inexact else ""))
    return _train(session, run, present, say, within)


def change(run: Run, changes: Mapping[str, Any]) -> list[str]:
    """Write changed settings into config.yaml, valid from the newest checkpoint on; returns what changed, in words."""
    config = run.config()
    for part in ("settings", "compute"):
        if changes and not isinstance(config.get(part), dict):
            raise UserError(f"'{part}' is missing or invalid in {run.path / 'config.yaml'}")
    saved = checkpoints(run.checkpoint_folder)
    steps = changes.get("steps", 0)
    if steps and "steps" not in config.get("settings", {}):
        raise UserError(f"{run.path} trains for a number of epochs; --steps is for agents and self-play")
    if steps and saved and steps <= saved[-1][0]:
        raise UserError(f"{run.path} is at step {saved[-1][0]:,} already; --steps must be more than that")
    for name in ("data", "records"):
        if name in changes and name not in config.get("settings", {}):
            raise UserError(f"{run.path} learns from no data; leave out --{name}")
    told = []
    wanted = [("settings", name, value) for name, value in changes.items()]
    wanted += [("compute", name, value) for name, value in changes.items() if name == "threads"]
    for part, name, value in wanted:
        before = config[part].get(name)
        if value != before:
            told.append(f"{part}.{name} {before} becomes {value}")
            config[part][name] = value
    if told:
        run.write_config(config)
    return told


def _train(session: Session, run: Run, present: Present, say: Say, within: Within | None) -> Outcome:
    """Train to the end; the session is attached to its run."""
    report = _reporter(run, say)
    display = within.sink if within else session.display(run.path.name)
    sinks = [display]
    if session.settings.wandb != "off":
        own = session.settings
        sinks.append(WandbSink(own.wandb, run.path, run.config(), report, own.wandb_artifacts))
    card: Card | None = None
    try:
        if within:
            within.ready(session, run)
        outcome = drive(
            run,
            session.trainer(),
            sinks,
            frames_per_step=session.frames_per_step,
            checkpoint_seconds=session.settings.checkpoint_seconds,
            asked=within.asked if within else lambda: False,
        )
        display.close(None)
        if outcome == "finished":
            card = _finished(session, run, present, report)
    finally:
        for sink in sinks:
            sink.close(card.to_dict() if card else None)
        session.close()
        run.release()
    return Outcome(run.path, outcome == "finished", session.learner.step, session.type_next(run))


def _finished(session: Session, run: Run, present: Present, report: Say) -> Card | None:
    """Measure and show the result. The training itself is already saved, whatever happens here."""
    card: Card | None = None
    try:
        if what := session.measures():
            report(f"trained and saved; measuring its score card: {what} …")
        card = session.finish(run)
        present(session, run, card, report)
    except (UserError, OSError) as error:
        report(f"the run is complete, but some of its score card, curve and pictures are missing: {error}")
    except KeyboardInterrupt as error:
        again = f"`tengen eval {run.path}` for its card, `tengen resume {run.path}` for curve and pictures too"
        raise KeyboardInterrupt(f"trained and saved, but the measurement was interrupted; {again}") from error
    return card


def _reporter(run: Run, say: Say) -> Say:
    """Write events to the log and to the user."""

    def report(text: str) -> None:
        run.log(text)
        with suppress(OSError):  # nobody may be there to read it
            say(f"tengen: {text}")

    return report


@contextmanager
def _closed_if_it_fails(session: Session) -> Iterator[None]:
    """Workers end when a training cannot start."""
    try:
        yield
    except BaseException:
        session.close()
        raise
