"""sweep.json: what a sweep varies, its trials and their progress. Enough to continue after a kill, on any Ray.

runs/<task>-sweep-<date>/
  sweep.json      this record, rewritten whenever a trial's state changes
  trial-000 …     ordinary runs: config.yaml, metrics.jsonl, checkpoints/ …
  sweep.png       what mattered
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tengen.config import from_dict
from tengen.errors import UserError, unknown
from tengen.files import make_folder, write_json
from tengen.sweep.settings import SweepSettings
from tengen.sweep.space import Axis, as_options

FILE = "sweep.json"
TUNE = "tune"  # folder of Ray Tune's own files while a sweep runs: never read, and deleted at the end
WAITING, RUNNING, FINISHED, STOPPED, FAILED = "waiting", "running", "finished", "stopped early", "failed"
STATES = (WAITING, RUNNING, FINISHED, STOPPED, FAILED)


@dataclass(frozen=True)
class Trial:
    """One training of a sweep."""

    number: int
    values: dict[str, Any]
    state: str = WAITING  # one of STATES; in a file, "running" is also a trial that was interrupted
    reason: str = ""  # why it failed
    diverged: bool = False  # whether because its loss or weights became NaN or inf

    @property
    def name(self) -> str:
        """Of its run's folder."""
        return f"trial-{self.number:03d}"

    @property
    def ended(self) -> bool:
        """It is not trained any more."""
        return self.state in (FINISHED, STOPPED, FAILED)


@dataclass(frozen=True)
class Sweep:
    """Everything about a sweep except the runs of its trials."""

    task: str
    options: tuple[str, ...]  # of `tengen train TASK`, the same for all trials
    axes: tuple[Axis, ...]
    seed: int  # from which the trials' values were drawn
    metric: str  # column of metrics.jsonl
    mode: str  # max or min
    settings: SweepSettings = field(default_factory=SweepSettings)
    trials: tuple[Trial, ...] = ()

    def arguments(self, trial: Trial) -> list[str]:
        """What follows `tengen train` to train the same as `trial`."""
        return [self.task, *self.options, *as_options(trial.values)]

    def better(self, value: float | None) -> float:
        """`value` of the metric on a scale where more is better; what is not known is worst."""
        return float("-inf") if value is None else value if self.mode == "max" else -value

    def with_trial(self, number: int, **changes: Any) -> Sweep:
        trials = list(self.trials)
        trials[number] = replace(trials[number], **changes)
        return replace(self, trials=tuple(trials))

    def write(self, folder: Path) -> None:
        write_json(folder / FILE, asdict(self))

    @classmethod
    def read(cls, folder: Path) -> Sweep:
        """UserError where sweep.json cannot be read or is not one."""
        try:
            saved = json.loads((folder / FILE).read_text())
            sweep = cls(**saved)
            axes = tuple(_axis(axis) for axis in saved["axes"])
            settings = from_dict(SweepSettings, saved["settings"])
            trials = tuple(Trial(**trial) for trial in saved["trials"])
            texts = [sweep.task, sweep.metric, sweep.mode, *sweep.options, *(trial.state for trial in trials)]
            numbered = [trial.number for trial in trials] == list(range(len(trials)))
            named = all(set(trial.values) == {axis.name for axis in axes} for trial in trials)
            if not numbered or not named or not all(isinstance(text, str) for text in texts):
                raise ValueError("trials or options are garbled")
            if sweep.mode not in ("max", "min") or not {trial.state for trial in trials} <= set(STATES):
                raise ValueError("an unknown mode or state")
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise UserError(f"{folder / FILE} cannot be read ({error}); start the sweep again") from None
        return replace(sweep, options=tuple(sweep.options), axes=axes, settings=settings, trials=trials)


def _axis(saved: dict[str, Any]) -> Axis:
    return Axis(**{**saved, "items": tuple(saved["items"])})


def new_folder(root: Path, task: str) -> Path:
    """A new folder for a sweep under `root`."""
    safe = "".join(c if c.isalnum() else "-" for c in task.lower()).strip("-")
    name = f"{safe}-sweep-{datetime.now():%Y%m%d-%H%M%S}"
    try:
        make_folder(root)
        for suffix in ["", *(f"-{n}" for n in range(2, 1000))]:
            folder = root / f"{name}{suffix}"
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            break
    except OSError as error:
        raise UserError(f"cannot write runs into {root}: {error.strerror}; use --runs FOLDER") from error
    return folder.resolve()


def known_sweep(root: Path, name: str) -> Path:
    """The folder of the sweep that `name` means: a path, or a name under `root`; `last` is the newest."""
    sweeps = sorted(root.glob(f"*/{FILE}"), key=lambda path: path.stat().st_mtime) if root.is_dir() else []
    if name == "last" and sweeps:
        return sweeps[-1].parent.resolve()
    for folder in (Path(name), root / name):
        if (folder / FILE).is_file():
            return folder.resolve()
    raise unknown("sweep", name, [path.parent.name for path in sweeps], f"in {root}")


def shown(path: Path) -> str:
    """`path` as a person would type it here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """No other process runs this sweep meanwhile; UserError where one does. The lock ends with its process."""
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"{folder} is being run by another process; wait for it or stop it") from None
        yield


def command(arguments: Sequence[str]) -> str:
    """`tengen train …` as it is typed into a shell."""
    import shlex

    return shlex.join(["tengen", "train", *arguments])
