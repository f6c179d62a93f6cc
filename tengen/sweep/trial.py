"""One trial of a sweep: an ordinary run, new or resumed, whose rows are watched. No Ray in here.

rows of the run ──▶ Watch ──▶ reports: the first row past each rung of ASHA, and otherwise one now and then
"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tengen.checkpoint import checkpoints
from tengen.description import Description
from tengen.errors import Diverged, UserError
from tengen.options import Parser
from tengen.run import Run
from tengen.session import Session, Within, resume, train_new
from tengen.sweep.record import FAILED, FINISHED, RUNNING
from tengen.typed import read_training

_EVERY = 1.0  # seconds between two reports
_PATIENCE = 60.0  # seconds to wait for a process that still holds the run


@dataclass(frozen=True)
class Order:
    """The order for a trial's process."""

    folder: str  # of the sweep, absolute
    name: str  # of the trial
    arguments: Sequence[str]  # of tengen train
    metric: str
    rungs: Sequence[float]  # parts of the training at which trials are compared, rising
    here: str  # the folder that paths among the arguments start from
    ray: str = "local"  # for a training that has workers of its own


class Report(NamedTuple):
    """The progress of a trial."""

    step: int
    total: int
    value: float | None  # of the metric, the newest there is
    seconds: float  # of training so far
    left: float  # seconds, at the speed since this process began
    state: str = RUNNING
    reason: str = ""
    diverged: bool = False  # it failed because its loss or weights are no longer finite

    @property
    def share(self) -> float:
        """Part of the training that is done."""
        return self.step / max(1, self.total)

    def to_dict(self) -> dict[str, Any]:
        """As it travels; a value that is not known is left out: it is not compared."""
        return {name: value for name, value in self._asdict().items() if value is not None} | {"share": self.share}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Report:
        known = {name: saved[name] for name in cls._fields if name in saved}
        return cls(**({"value": None} | known))


class Watch:
    """A `Sink` that turns the rows of a run into reports. Raises Diverged if the training has diverged."""

    def __init__(self, metric: str, rungs: Sequence[float], total: int, report: Callable[[Report], None]) -> None:
        """`rungs`: parts of the training [0, 1] whose first row with a value is always reported; `total` in steps."""
        self.metric, self.total, self._report = metric, total, report
        self._rungs = list(rungs)
        self._began: tuple[float, int] | None = None  # (seconds, step) of this process's first row
        self._last = -math.inf
        self.columns: set[str] = set()
        self.newest: Report | None = None

    def row(self, row: dict[str, Any], live: bool = True) -> None:
        """`live` False: a row from before, of which only rungs are reported."""
        self.columns |= row.keys()
        for name, value in row.items():
            if (name == self.metric or name.startswith("loss")) and isinstance(value, float) and math.isnan(value):
                raise Diverged(f"{name} is NaN at step {row['step']:,}")
        known = self.newest.value if self.newest else None
        value = row.get(self.metric, known)
        if live and self._began is None:
            self._began = (row["seconds"], row["step"])
        before, at = self._began or (0.0, 0)
        pace = (row["seconds"] - before) / max(1, row["step"] - at)
        self.newest = Report(row["step"], self.total, value, row["seconds"], pace * max(0, self.total - row["step"]))
        passed = value is not None and bool(self._rungs) and self.newest.share >= self._rungs[0]
        while passed and self._rungs and self.newest.share >= self._rungs[0]:
            self._rungs.pop(0)
        if passed or (live and time.monotonic() - self._last >= _EVERY):
            self._last = time.monotonic() if live else self._last
            self._report(self.newest)

    def close(self, card: dict[str, Any] | None) -> None:
        """Nothing to do: how a trial ends is said by `train_trial`."""


def newest(rows: Iterable[dict[str, Any]], metric: str) -> float | None:
    """The newest value of `metric` in the rows of a run; None where there is none, or it is NaN."""
    value = None
    for row in rows:
        value = row.get(metric, value)
    return None if value is None or math.isnan(value) else float(value)


def train_trial(order: Order, report: Callable[[Report], None], asked: Callable[[], bool]) -> None:
    """Train a trial to its end, or until it is `asked` to save and stop; `report` learns how far it is.

    A run with a checkpoint continues from it: its earlier rows are reported again. The last report says how it ended:
    finished, failed (for a reason of its own), or running, where it was stopped.
    """
    watch: Watch | None = None
    diverged = False
    folder = Path(order.folder) / order.name

    def watching(total: int) -> Watch:
        nonlocal watch
        watch = Watch(order.metric, order.rungs, total, report)
        return watch

    try:
        finished = _train(order, folder, watching, asked)
        reason = ""
        if finished and (watch is None or watch.newest is None or watch.newest.value is None):
            found = ", ".join(sorted(watch.columns - {"step", "frames", "seconds"})) if watch else "no rows"
            finished, reason = False, f"no column {order.metric} in its metrics (there are: {found})"
    except UserError as error:
        finished, reason, diverged = False, str(error), isinstance(error, Diverged)
    except Exception as error:  # a mistake of ours: the other trials go on
        lines = str(error).strip().splitlines()
        finished, reason = False, f"{type(error).__name__}: {lines[0] if lines else ''}"
    state = FINISHED if finished else FAILED if reason else RUNNING
    if reason and folder.is_dir():
        Run(folder).log(f"failed: {reason}")
    last = (watch and watch.newest) or Report(0, 0, None, 0.0, 0.0)
    report(last._replace(left=0.0, state=state, reason=reason, diverged=diverged))


def _train(order: Order, folder: Path, watching: Callable[[int], Watch], asked: Callable[[], bool]) -> bool:
    """Whether the training was finished, not stopped."""
    argv = ["tengen", "train", *order.arguments]
    if folder.is_dir() and not checkpoints(folder / "checkpoints"):
        _remove(folder)  # killed before its first checkpoint: there is nothing to go on from
    kind, _, training, _ = read_training(Parser("tengen train"), order.arguments)
    if not folder.is_dir():
        session: Session = kind.session(training, runs=Path(order.folder).parent)
        within = Within(order.name, argv, watching(session.description().total_steps), asked)
        return train_new(session, Path(order.folder), _present, _say, within).finished
    run = Run.open(folder)
    _wait_for(run)
    watch = watching(Description.of_run(run).total_steps)
    upto = checkpoints(run.checkpoint_folder)[-1][0]
    for row in run.rows():
        if row["step"] <= upto:
            watch.row(row, live=False)
    again = {
        "outside": getattr(training.settings, "outside", ""),
        "ray": order.ray,
    }  # typed for the sweep, not in a file
    return resume(folder, {}, again, _present, _say, Within(order.name, argv, watch, asked)).finished


def _remove(folder: Path) -> None:
    if (folder / "config.yaml").is_file():
        run = Run.open(folder)
        _wait_for(run)
    shutil.rmtree(folder)


def _wait_for(run: Run) -> None:
    """Wait until no other process trains `run`: one whose sweep was killed ends a moment later."""
    run.lock(_PATIENCE)
    run.release()


def _present(*_: Any) -> None:
    """No display."""


def _say(text: str) -> None:
    print(text, flush=True)
