"""A sweep while it runs: its record on disk, and a table of the trials on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, TextIO

from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tengen.description import Description
from tengen.display import Screen, duration
from tengen.plural import counted
from tengen.run import Run
from tengen.sweep.record import RUNNING, WAITING, Sweep, Trial
from tengen.sweep.trial import Report, newest

_EVERY = 10.0  # seconds between two plain lines about a trial that runs


class Progress:
    """A sweep and its trials' reports; the code that runs the sweep updates it."""

    def __init__(self, folder: Path, sweep: Sweep, file: TextIO | None = None) -> None:
        """Trials that were trained before are known from their runs."""
        self.folder, self.sweep = folder, sweep
        self.reports = {t.number: found for t in sweep.trials if (found := report_of_run(folder, sweep, t))}
        self._console = Screen(file=file, highlight=False)
        self._live = Live(console=self._console, auto_refresh=False) if self._console.is_terminal else None
        self._said: dict[int, float] = {}
        self._drawn = 0.0

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
            self._live.update(self._table(), refresh=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.update(self._table(), refresh=True)
            self._live.stop()

    def change(self, number: int, state: str, reason: str = "", diverged: bool = False) -> None:
        """A trial is in another state; what is on disk follows."""
        if (trial := self.sweep.trials[number]).state == state and trial.reason == reason:
            return
        self.sweep = self.sweep.with_trial(number, state=state, reason=reason, diverged=diverged)
        self.sweep.write(self.folder)
        self._show(number, now=True)

    def report(self, number: int, report: Report) -> None:
        """A trial says how far it is."""
        self.reports[number] = report
        self._show(number, now=False)

    def say(self, text: str) -> None:
        self._console.print(f"tengen: {text}", soft_wrap=True)

    def _show(self, number: int, now: bool) -> None:
        clock = time.monotonic()
        if self._live:
            if now or clock - self._drawn > 0.2:
                self._drawn = clock
                self._live.update(self._table(), refresh=True)
        elif now or clock - self._said.get(number, -_EVERY) >= _EVERY:
            self._said[number] = clock
            trial = self.sweep.trials[number]
            values = " ".join(f"{name} {value}" for name, value in trial.values.items())
            reason = f" ({trial.reason})" if trial.reason else ""
            _, *cells = cells_of(self.sweep, trial, self.reports.get(number))
            step, metric, _, left = cells[len(trial.values) :]
            far = f"  step {step}  {self.sweep.metric} {metric}" if step else ""
            left = f"  {left} left" if left else ""
            self._console.print(f"{trial.name}  {values}  {trial.state}{reason}{far}{left}", soft_wrap=True)

    def _table(self) -> Group:
        table = Table(*columns_of(self.sweep), box=None, padding=(0, 2, 0, 0))
        ended = sum(trial.ended for trial in self.sweep.trials)
        title = (
            f"{self.folder.name}: {ended} of {counted(len(self.sweep.trials), 'trials')} ended; Ctrl-C stops and saves"
        )
        shown = sorted(
            self.sweep.trials, key=lambda t: (t.state == WAITING, t.ended, t.number)
        )  # what runs comes first
        room = max(5, self._console.height - 5)
        for trial in shown[:room]:
            table.add_row(*map(Text, cells_of(self.sweep, trial, self.reports.get(trial.number))))
        more = [Text(f"and {len(shown) - room} more")] if len(shown) > room else []
        return Group(Text(title), table, *more)


def columns_of(sweep: Sweep) -> list[str]:
    return ["trial", *(axis.name for axis in sweep.axes), "step", sweep.metric, "state", "left"]


def cells_of(sweep: Sweep, trial: Trial, report: Report | None) -> list[str]:
    """A row of the table: trial, its values, step, metric, state, time left."""
    known = [f"{report.step:,}", "-" if report.value is None else f"{report.value:.4g}"] if report else ["", ""]
    left = duration(report.left) if report and trial.state == RUNNING and report.left else ""
    return [trial.name, *(str(trial.values[axis.name]) for axis in sweep.axes), *known, trial.state, left]


def report_of_run(folder: Path, sweep: Sweep, trial: Trial) -> Report | None:
    """How far the run of a trial is, from its files; None where there are none."""
    if not (folder / trial.name / "config.yaml").is_file():
        return None
    run = Run.open(folder / trial.name)
    rows: list[dict[str, Any]] = run.rows()
    if not rows:
        return None
    total = Description.of_run(run).total_steps
    return Report(rows[-1]["step"], total, newest(rows, sweep.metric), rows[-1]["seconds"], 0.0, trial.state)
