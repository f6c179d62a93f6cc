"""Train in a process, kill it, resume it, and compare the result bit for bit with a training that ran through."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tengen.checkpoint import NoCheckpoint, checkpoints, differences, read_checkpoint, read_newest
from tengen.metrics import same_metrics
from tengen.run import read_rows

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
LONGEST = 900  # seconds for one process

Process = subprocess.Popen[bytes]
Wait = Callable[[Process, Path], None]  # returns when it is time to kill the process, or when it has ended


class Failed(Exception):
    """A process ended with an error of its own."""


@dataclass
class Kill:
    """One kill -9 and what it cost."""

    interval: float  # seconds between checkpoints
    had_run: bool  # whether its config.yaml was there: else the command has to be typed again
    saved: int  # step of the newest whole checkpoint; -1: none
    rows: list[dict[str, Any]] = field(repr=False, default_factory=list)  # at that moment
    resumed_from: int = -1  # step; 0 where it began anew

    @property
    def lost(self) -> list[dict[str, Any]]:
        """The rows that had to be trained again; the tick that was being computed comes on top."""
        return [row for row in self.rows if row["step"] > self.resumed_from]

    @property
    def steps_lost(self) -> int:
        return self.rows[-1]["step"] - self.resumed_from if self.lost else 0

    @property
    def seconds_lost(self) -> float:
        return sum(map(_worked, self.lost))

    def complaints(self) -> list[str]:
        """Whether more than an interval's work was lost.

        A checkpoint is written after the first tick that ends an interval or more after the one before, so all lost
        ticks but the last, which was being saved, took less than the interval.
        """
        wrong = []
        if self.resumed_from < self.saved:
            wrong.append(f"resumed from step {self.resumed_from}, although there was a checkpoint of step {self.saved}")
        if (worked := sum(map(_worked, self.lost[:-1]))) > self.interval:
            wrong.append(f"{worked:.1f} s of work lost, {self.interval:g} s between checkpoints")
        return wrong


def _worked(row: dict[str, Any]) -> float:
    return sum(value for name, value in row.items() if name.startswith("time/"))


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "scripts.cli", *args]


def only_run(folder: Path) -> Path:
    (run,) = runs_in(folder)
    return run


def runs_in(folder: Path) -> list[Path]:
    return [path.parent for path in folder.glob("*/config.yaml")]


def train_whole(training: list[str], runs: Path) -> tuple[Path, float]:
    """(the folder of the run `tengen train TRAINING`, seconds that the process took)."""
    begun = time.monotonic()
    process, log = _start(training, runs)
    _finished(process, log)
    return only_run(runs), time.monotonic() - begun


def train_killed(training: list[str], runs: Path, moments: Iterable[Wait], interval: float = 0.0) -> list[Kill]:
    """`tengen train TRAINING`, killed after each of `moments` and resumed each time, until it has finished.

    Fewer kills where it finished before its moment came. `Failed` if a process ends with an error.
    """
    kills: list[Kill] = []
    waiting: list[Kill] = []  # kills whose training has not been restored since
    process, log = _start(training, runs)
    for wait in moments:
        wait(process, runs)
        process.kill()
        if process.wait() != -signal.SIGKILL:
            break
        _restored(waiting, log)
        kills.append(_what_was_there(runs, interval))
        waiting.append(kills[-1])
        process, log = _start(training, runs)
    _finished(process, log)
    _restored(waiting, log)
    return kills


def after_a_checkpoint(seconds: float, process: Process, runs: Path) -> None:
    """Wait for a checkpoint that is not there yet, then `seconds` more; no longer than the process runs."""
    there, deadline = _saved(runs), time.monotonic() + LONGEST
    while process.poll() is None and time.monotonic() < deadline:
        if _saved(runs) - there:
            time.sleep(seconds)
            return
        time.sleep(0.02)


def _saved(runs: Path) -> set[Path]:
    return set(runs.glob("*/checkpoints/step-*/sums.json"))


def _start(training: list[str], runs: Path) -> tuple[Process, Path]:
    """Resume the run under `runs`; where there is none, train."""
    there = runs_in(runs)
    runs.mkdir(exist_ok=True, parents=True)
    words = ["resume", str(there[0])] if there else ["train", *training, "--runs", str(runs)]
    log = runs / "output.txt"
    with log.open("wb") as file:
        return subprocess.Popen(command(*words), env=ENVIRONMENT, stdout=file, stderr=subprocess.STDOUT), log


def _finished(process: Process, log: Path) -> None:
    try:
        status = process.wait(LONGEST)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    if status != 0:
        raise Failed(f"status {status}: {' '.join(map(str, process.args))}\n{log.read_text(errors='replace')[-3000:]}")  # type: ignore[arg-type]


def _what_was_there(runs: Path, interval: float) -> Kill:
    there = runs_in(runs)
    if not there:
        return Kill(interval, had_run=False, saved=-1)
    metrics = there[0] / "metrics.jsonl"
    try:
        saved = read_newest(there[0] / "checkpoints", tell=lambda text: None)[0]
    except NoCheckpoint:
        saved = -1
    return Kill(interval, had_run=True, saved=saved, rows=read_rows(metrics) if metrics.exists() else [])


def _restored(waiting: list[Kill], log: Path) -> None:
    """If the process of `log` got as far as training, note where it began in the kills before it."""
    step = None
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("resumed from step "):
            step = int(line.removeprefix("resumed from step ").split(";")[0].replace(",", ""))
        elif line.startswith("restarted with the same seed"):
            step = 0
    begun_anew = all(not kill.had_run for kill in waiting)  # by `tengen train`, which says neither
    if step is not None or begun_anew:
        for kill in waiting:
            kill.resumed_from = step or 0
        waiting.clear()


def unlike(whole: Path, other: Path) -> list[str]:
    """In words, every difference between the results of two runs, bit for bit; and what a kill left behind."""
    found = []
    one, two = ([same_metrics(row) for row in read_rows(run / "metrics.jsonl")] for run in (whole, other))
    if len(one) != len(two):
        found.append(f"{len(one)} rows became {len(two)}")
    if first := next((pair for pair in zip(one, two, strict=False) if pair[0] != pair[1]), None):
        columns = [name for name in first[0].keys() | first[1].keys() if first[0].get(name) != first[1].get(name)]
        found.append(f"from step {first[0]['step']} on {', '.join(sorted(columns))}")
    ends = [checkpoints(run / "checkpoints")[-1] for run in (whole, other)]
    if ends[0][0] != ends[1][0]:
        found.append(f"last checkpoint at step {ends[1][0]} instead of {ends[0][0]}")
    else:
        places = differences(*(read_checkpoint(path) for _, path in ends))
        found += [f"checkpoint differs at {', '.join(places[:5])} ({len(places)} places)"] if places else []
    cards = [{path.name: _score(path) for path in sorted((run / "eval").glob("*.json"))} for run in (whole, other)]
    if cards[0] != cards[1]:
        found.append(f"card {cards[1]} instead of {cards[0]}")
    for name in sorted({path.relative_to(run) for run in (whole, other) for path in _exact(run)}):
        if not all((run / name).exists() for run in (whole, other)):
            found.append(f"{name} is in one of them only")
        elif (whole / name).read_bytes() != (other / name).read_bytes():
            found.append(f"{name} differs")
    found += [f"{path.relative_to(other)} is left" for path in other.rglob("*.tmp-*")]
    return found


def _exact(run: Path) -> Iterable[Path]:
    """Further files that a training writes and that hold no times: of self-play, its ladder, networks and games."""
    return [*run.glob("arena.jsonl"), *run.glob("games/*"), *run.glob("models/*/*"), *run.glob("sgf/*")]


def _score(card: Path) -> dict[str, Any]:
    """A card without what depends on the place and the clock."""
    return {k: v for k, v in json.loads(card.read_text()).items() if k not in ("minutes", "command", "network")}
