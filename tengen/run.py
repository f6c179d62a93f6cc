"""A run's folder on disk.

runs/<task>-<agent>-<date>-s<seed>/
  config.yaml      everything needed to start it again
  meta.json        argv, git commit, versions, host, cores, device, precision
  metrics.jsonl    one line a tick
  train.log        one line an event
  checkpoints/     tengen/checkpoint.py
  eval/            score cards, videos
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from tengen.checkpoint import NoCheckpoint, Tree, checkpoints, read_newest, write_checkpoint
from tengen.errors import UserError, unknown
from tengen.files import make_folder, parse_json, path_of, read_bytes, read_yaml, remove, write_json, write_text
from tengen.lock import Lock
from tengen.metrics import Trainer

KEEP = 2  # checkpoints kept: two, so that `resume --verify` has one to start from and one to compare with
_LARGEST_ROWS = 1 << 30  # bytes of a metrics.jsonl


class Run:
    """The folder of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: Lock | None = None

    @classmethod
    def create(cls, root: Path, name: str, config: dict[str, Any], meta: dict[str, Any]) -> Run:
        """A new folder `root/name` (with -2, -3, … if it is taken), locked for this process."""
        try:
            make_folder(root)
            for suffix in ["", *(f"-{n}" for n in range(2, 1000))]:
                path = root / f"{name}{suffix}"
                try:
                    path.mkdir()
                except FileExistsError:
                    continue
                break
            for folder in ("checkpoints", "eval"):
                (path / folder).mkdir()
            run = cls(path)
            run.lock()
            write_json(path / "meta.json", meta)
            run.write_config(config)  # last: it makes the folder a run, which may be killed from here on
        except OSError as error:
            raise UserError(f"cannot write runs into {root}: {error.strerror}; use --runs FOLDER") from error
        return run

    @classmethod
    def open(cls, path: Path) -> Run:
        if not (path / "config.yaml").is_file():
            raise UserError(f"{path} is not a run: it has no config.yaml; `tengen runs` lists them")
        return cls(path)

    def lock(self, patience: float = 0.0) -> None:
        """Lock the run for this process; a second process is refused, and the lock ends with the process.

        `patience`: seconds in which another process may still let go. What a killed process was writing when it died is
        removed: nobody else writes here.
        """
        deadline = time.monotonic() + patience
        while True:
            try:
                _refuse_links(self.path)
                self._lock = Lock(self.path, "it is being trained: wait for it or stop it")
                break
            except UserError:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(min(0.5, patience / 40))
        for left in self._unfinished():
            remove(left)

    def _unfinished(self) -> Iterator[Path]:
        """Temporary files and folders of a killed process; in eval/, other commands may be writing theirs."""
        yield from (*self.path.glob("*.tmp-*"), *self.checkpoint_folder.rglob("*.tmp-*"))
        for folder in self.path.iterdir():
            if folder.is_dir() and folder != self.checkpoint_folder:
                yield from (left for left in folder.rglob("*.tmp-*") if not _is_running(left.name.rpartition("-")[2]))

    def release(self) -> None:
        """Release the lock, so that another process, or this one, can take the run."""
        if self._lock is not None:
            self._lock.release()

    @property
    def checkpoint_folder(self) -> Path:
        return self.path / "checkpoints"

    def config(self) -> dict[str, Any]:
        config = read_yaml(self.path / "config.yaml")
        if not isinstance(config, dict):
            raise UserError(f"{self.path / 'config.yaml'} contains no settings")
        return config

    def write_config(self, config: dict[str, Any]) -> None:
        write_text(self.path / "config.yaml", yaml.safe_dump(config, sort_keys=False))

    def meta(self) -> dict[str, Any]:
        """Metadata about its start. UserError if meta.json is missing or damaged."""
        file = self.path / "meta.json"
        meta = parse_json(read_bytes(file))
        if not isinstance(meta, dict):
            raise UserError(f"{file} is damaged; restore it")
        return meta

    @property
    def begins_anew(self) -> bool:
        """Whether it was stopped before its first checkpoint (not: whether its checkpoints were deleted)."""
        return self.checkpoint_folder.is_dir() and not checkpoints(self.checkpoint_folder)

    def anew(self) -> dict[str, Any] | None:
        """What a restarted run must begin from: the network of --trunk, or {}. None for any other run."""
        if not self.begins_anew:
            return None
        began = self.meta().get("began_from", {})
        return began if isinstance(began, dict) else {}

    def rows(self) -> list[dict[str, Any]]:
        """The lines of metrics.jsonl; a last line cut off by a kill is left out."""
        return metric_rows(self.path / "metrics.jsonl")

    def restart_rows(self, step: int) -> None:
        """Drop the rows after `step`: a resumed run writes them again."""
        rows = [row for row in self.rows() if row["step"] <= step]
        write_text(self.path / "metrics.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    def log(self, text: str) -> None:
        with (self.path / "train.log").open("a") as file:
            file.write(f"{datetime.now().isoformat(timespec='seconds')} {text}\n")

    def changes(self) -> list[str]:
        """What `tengen resume --steps, --threads` changed, as in the log: 'settings.steps 5 becomes 9'."""
        log = self.path / "train.log"
        said = [line.partition(" ")[2] for line in log.read_text().splitlines()] if log.exists() else []
        return [text for text in said if text.startswith(("settings.", "compute.")) and " becomes " in text]

    def save(self, step: int, tree: Tree) -> None:
        """Write a checkpoint, then remove all but the newest `KEEP`."""
        write_checkpoint(self.checkpoint_folder, step, tree)
        for _, old in checkpoints(self.checkpoint_folder)[:-KEEP]:
            shutil.rmtree(old, ignore_errors=True)

    def restore(self, trainer: Trainer, tell: Callable[[str], None] | None = None) -> int:
        """Load the newest complete checkpoint into `trainer`; returns its step.

        `tell` gets a line for what is skipped or left out; by default the log. A run that was killed before its first
        checkpoint restarts with the same seed, at step 0.
        """
        tell = tell or self.log
        if self.begins_anew:
            self.restart_rows(-1)
            return trainer.step
        try:
            step = read_newest(self.checkpoint_folder, trainer.load, tell)[0]
        except NoCheckpoint as none:
            step = self._salvaged(trainer, none, tell)
        self.restart_rows(step)
        return step

    def _salvaged(self, trainer: Trainer, none: NoCheckpoint, tell: Callable[[str], None]) -> int:
        """The step of the newest checkpoint whose only damage is in a shared part; raises `none` if there is none."""
        salvage = getattr(trainer, "salvage", None)
        if salvage is None:
            raise none
        try:
            step = read_newest(self.checkpoint_folder, salvage, lambda text: None)[0]
        except NoCheckpoint:
            raise none from None
        tell(f"continuing from step {step:,} without the damaged part ({none.damaged[0]}): the result will differ")
        return step


def metric_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a metrics.jsonl, oldest first: finite numbers, including `step`; none if there is no file."""
    rows = []
    for row in read_rows(path) if path.is_file() else []:
        numbers = {k: v for k, v in row.items() if isinstance(v, int | float) and abs(v) <= sys.float_info.max}
        if "step" in numbers:
            rows.append(numbers)
    return rows


def read_rows(path: Path, column: str = "step") -> list[dict[str, Any]]:
    """The complete lines of a JSON-lines file that have `column`: a kill may have left half a line.

    UserError if it cannot be read.
    """
    rows = []
    for line in read_bytes(path, _LARGEST_ROWS).decode(errors="replace").splitlines():
        try:
            row = parse_json(line)
        except ValueError:
            continue
        if isinstance(row, dict) and column in row:
            rows.append(row)
    return rows


def _refuse_links(folder: Path) -> None:
    """UserError if something in a run's folder lies elsewhere: whoever sent it could have a training write there."""
    for path in folder.iterdir():
        if path.is_symlink():
            raise UserError(f"{path} is a link, but a training writes into its own folder only: put the files there")


def _is_running(process: str) -> bool:
    """Whether another process has this number."""
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError, ValueError):
        return False
    except PermissionError:
        pass
    return int(process) != os.getpid()


def run_name(task: str, agent: str, seed: int) -> str:
    safe = "".join(c if c.isalnum() else "-" for c in task.lower()).strip("-")
    return f"{safe}-{agent}-{datetime.now():%Y%m%d-%H%M%S}-s{seed}"


def find_run(root: Path, name: str) -> Path | None:
    """The folder called `name`: a path, or a name under `root`; `last` is the newest. None if neither.

    UserError for what can be no name of a file.
    """
    path = path_of(name)
    if name == "last":
        found = [p for p in root.iterdir() if (p / "config.yaml").is_file()] if root.is_dir() else []
        return max(found, key=lambda p: os.stat(p / "config.yaml").st_mtime, default=None)
    return next((p for p in (path, root / name) if (p / "config.yaml").is_file()), None)


def known_run(root: Path, name: str) -> Path:
    """`find_run`, with a UserError that suggests the closest names if there is none."""
    found = find_run(root, name)
    if found is None:
        raise no_run(root, name)
    return found


def no_run(root: Path, name: str, networks: Iterable[str] | None = None) -> UserError:
    """The error for a name that is neither a run under `root` nor one of `networks`."""
    there = [p.name for p in root.iterdir() if p.is_dir()] if root.is_dir() else []
    if any((folder / "sweep.json").is_file() for folder in (Path(name), root / name)):
        return UserError(
            f"{name} is a sweep, whose runs are {name}/trial-000 …; to continue: tengen sweep --resume {name}"
        )
    if name == "last":
        return UserError(f"no runs in {root}; start one with: tengen train pong")
    if networks is None:
        return unknown("run", name, there, "(see tengen runs)")
    return unknown("run or trained network", name, [*there, *networks], "(see tengen runs, tengen zoo)")
