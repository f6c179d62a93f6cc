"""Progress of a training: a live panel on a terminal, plain lines elsewhere.

Both show the score and how it compares with the expected curve, the speed, the fraction of time per stage and the time
left.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TextIO

from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tengen.plural import counted
from tengen.terminal import nobody_reads, passing

Curve = Sequence[tuple[float, float]]  # (step, score), rising in steps


class Words(NamedTuple):
    """The words for a kind of training."""

    unit: str  # of a step, in the plural
    score: str  # the column that counts
    name: str  # of that column, for people
    stages: tuple[str, ...]  # where the time goes
    also: tuple[str, ...] = ()  # further columns worth showing
    percent: bool = False  # the score is a fraction


_WORKERS = 8  # that have a line each
_BARS = "▁▂▃▄▅▆▇█"
_SMOOTHING = 0.9  # of rate and shares from tick to tick
_COUNTED = 30.0  # seconds between lines of a count where there is no terminal
_FIRST = 60.0  # seconds; a first row that took less may be all setting up, and the next one comes soon


class Screen(Console):
    """A console whose reader may leave: later output is dropped, and the program continues."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        if self.file is sys.stdout:
            nobody_reads()


class Display:
    """A `Sink` that shows the rows of a run to a person."""

    def __init__(
        self,
        name: str,
        total_steps: int,
        words: Words,
        expected: Curve = (),
        *,
        picture: Callable[[], str] | None = None,
        file: TextIO | None = None,
        plain_every: float = 10.0,
    ) -> None:
        """`total_steps` in the unit of `words`; `plain_every` in seconds between plain lines.

        `picture` says as text what is being played, for the panel.
        """
        self.arguments = (name, total_steps, words, expected)  # for a display like this one in another process
        self._picture = picture
        self._name, self._total, self._words, self._expected = name, total_steps, words, expected
        self._known: dict[str, float] = {}  # the newest value of each column: a test is not in every row
        self._console = Screen(file=file)
        self._live = Live(console=self._console, auto_refresh=False) if self._console.is_terminal else None
        self._every, self._last = plain_every, -plain_every
        self._rate = 0.0
        self._rows = 0  # the first one's time includes what is done once: compiling, opening files
        self._shares = dict.fromkeys(words.stages, 0.0)
        self._scores: list[float] = []
        if self._live:
            self._live.start()

    def row(self, row: dict[str, Any]) -> None:
        self._rows += 1
        keep = _SMOOTHING if self._rows > 2 else 0.0
        self._rate = keep * self._rate + (1 - keep) * row["rate"]
        spent = sum(row.get(f"time/{stage}", 0.0) for stage in self._words.stages) or 1.0
        for stage in self._words.stages:
            share = row.get(f"time/{stage}", 0.0) / spent
            self._shares[stage] = keep * self._shares[stage] + (1 - keep) * share
        self._known |= row
        if self._words.score in row:
            self._scores.append(row[self._words.score])
        if self._live:
            self._live.update(self._panel(row), refresh=True)
        elif (now := time.monotonic()) - self._last >= self._every or row["step"] >= self._total:
            self._last = now
            self._console.print(self.line(row), highlight=False, soft_wrap=True)

    def close(self, card: dict[str, Any] | None) -> None:
        if self._live:
            self._live.stop()

    def line(self, row: dict[str, Any]) -> str:
        """One plain line about `row`."""
        shares = " ".join(f"{stage} {share:.0%}" for stage, share in self._shares.items())
        workers = f"  {summary(row)}" if "worker/alive" in row else ""
        return (
            f"{row['step']:>9,} of {counted(self._total, self._words.unit)}  {self._words.name} {self._score()}  "
            f"{self._also()}{speed(self._rate)}  {shares}{workers}{self._left(row, '  ')}  "
            f"{self.against_expected(row)}"
        ).rstrip()

    def against_expected(self, row: dict[str, Any]) -> str:
        """Where the run lies against the expected curve, in words; empty where none is known."""
        if not self._expected:
            return ""
        expected = interpolate(self._expected, row["step"])
        if "score" not in row:
            return f"(expected about {expected:.1f} here; no game has finished yet)"
        ahead = row["score"] - expected
        word = "as expected" if abs(ahead) <= 3 else "ahead of" if ahead > 0 else "behind"
        if word == "as expected":
            return f"as expected (about {expected:.1f} here, {self._expected[-1][1]:.0f} at the end)"
        return f"{word} the expected {expected:.1f}"

    def _score(self) -> str:
        value = self._known.get(self._words.score)
        if value is None:
            return "-"
        if self._words.percent:
            return f"{value:.2%}"
        episodes = self._known.get("episodes")
        return f"{value:.2f}" + (f" (last {min(100, int(episodes))} games)" if episodes is not None else "")

    def _also(self) -> str:
        return "".join(f"{spoken(name, self._known[name])}  " for name in self._words.also if name in self._known)

    def _left(self, row: dict[str, Any], before: str) -> str:
        """`  2s left` after `before`; empty where a first row cannot know: it includes what is done once."""
        first = self._rows == 1 and row["step"] < self._total
        if first and sum(value for name, value in row.items() if name.startswith("time/")) < _FIRST:
            return ""
        left = duration(max(0, self._total - row["step"]) / max(self._rate, 1e-9))
        return f"{before}about {left} left" if first else f"{before}{left} left"

    def _panel(self, row: dict[str, Any]) -> Panel:
        table = Table.grid(padding=(0, 2))
        table.add_row(self._words.name, f"[bold]{self._score()}[/bold]   {sparkline(self._scores)}")
        if self._words.also:
            table.add_row("training", self._also())
        if self._expected:
            table.add_row("expected", self.against_expected(row))
        frames = f" ({row['frames']:,} frames)" if row["frames"] != row["step"] else ""
        table.add_row(self._words.unit, f"{row['step']:,} of {self._total:,}{frames}")
        table.add_row("", ProgressBar(total=self._total, completed=min(row["step"], self._total), width=48))
        table.add_row("speed", speed(self._rate, self._words.unit))
        table.add_row("time", f"{duration(row['seconds'])} spent{self._left(row, ', ')}")
        table.add_row("stages", "  ".join(f"{stage} {share:.0%}" for stage, share in self._shares.items()))
        for label, text in worker_rows(row, self._words.unit):
            table.add_row(label, text)
        if self._picture:
            table.add_row("playing", Text(self._picture()))
        return Panel(table, title=self._name, subtitle="Ctrl-C stops and saves", title_align="left", width=92)


class Counter:
    """Progress of a long command: on a terminal one line that is overwritten, elsewhere a line every half minute."""

    def __init__(self, total: int, what: str, before: int = 0) -> None:
        """`before` of the `total` were done earlier: they say nothing of the time that is left."""
        self.total, self.what, self.before = total, what, before
        self.started = self.told = time.monotonic()

    def __call__(self, done: int, also: str = "") -> None:
        now = time.monotonic()
        rate = (now - self.started) / max(1, done - self.before)
        line = f"{done:,} of {self.total:,} {self.what}{also}, {duration(rate * (self.total - done))} left"
        passing(line)
        if now - self.told >= _COUNTED and not sys.stderr.isatty():
            self.told = now
            print(line, file=sys.stderr, flush=True)
        if done >= self.total:
            self.end()

    def end(self) -> None:
        passing("")


def worker_rows(row: dict[str, Any], unit: str) -> list[tuple[str, str]]:
    """A line for each worker, and for those beyond `_WORKERS` one for all; none where there are no workers."""
    if "worker/alive" not in row:
        return []
    workers = _workers(row)
    lines = [
        (f"worker {w}", f"{speed(of['rate'], unit)}, weights {of['age']:.0f} old, idle {of['idle']:.0%}")
        for w, of in enumerate(workers[:_WORKERS])
    ]
    lost = f", {row['worker/restarts']:.0f} made again" if row["worker/restarts"] else ""
    if not workers:
        lines.append(("workers", f"{row['worker/alive']:.0f}{lost}"))
    elif len(workers) > _WORKERS or lost or row["worker/alive"] < len(workers):
        lines.append(("workers", f"{row['worker/alive']:.0f} of {summary(row)}{lost}"))
    return lines


def summary(row: dict[str, Any]) -> str:
    """The workers in short: `2 workers 1,034 + 1,022/s, weights <= 1 old, idle 4%`."""
    workers = _workers(row)
    if not workers:  # RLlib's say only how many they are
        return f"{row['worker/alive']:.0f} workers"
    rates, count = [of["rate"] for of in workers], len(workers)
    who = f"{count} worker{'s' if count != 1 else ''}"
    rate = " + ".join(f"{one:,.0f}" for one in rates) if count <= 4 else f"{sum(rates):,.0f}"
    idle = sum(of["idle"] for of in workers) / count
    return f"{who} {rate}/s, weights <= {row['worker/staleness']:.0f} old, idle {idle:.0%}"


def _workers(row: dict[str, Any]) -> list[dict[str, float]]:
    """Of each worker what its columns worker/<n>/<name> say."""
    found: dict[int, dict[str, float]] = {}
    for column, value in row.items():
        room, _, rest = column.partition("/")
        number, _, name = rest.partition("/")
        if room == "worker" and number.isdigit():
            found.setdefault(int(number), {})[name] = value
    return [found[number] for number in sorted(found)]


def speed(rate: float, unit: str = "") -> str:
    """`1,034 steps/s`, `0.3/s`; from ten seconds a step on `12 s for each of the steps`, or `12 s each`."""
    if 0 < rate < 0.1:
        return f"{1 / rate:,.0f} s " + (f"for each of the {unit}" if unit else "each")
    number = f"{rate:,.0f}" if rate >= 10 or not rate else f"{rate:.1f}"
    return f"{number} {unit}/s" if unit else f"{number}/s"


def spoken(name: str, value: float) -> str:
    """A column with its value: `kl 0.382`, `games 6,122`, `evaluations/s 2,345` of rate/evaluations."""
    label = f"{name.removeprefix('rate/')}/s" if name.startswith("rate/") else name
    return f"{label} {value:,.0f}" if abs(value) >= 100 else f"{label} {value:.4g}"


def interpolate(curve: Curve, step: float) -> float:
    """The score that `curve` has at `step`; its ends continue flat."""
    for (x0, y0), (x1, y1) in pairwise(curve):
        if step < x0:
            return y0
        if x0 <= step < x1:
            return y0 + (y1 - y0) * (step - x0) / (x1 - x0)
    return curve[-1][1] if step >= curve[-1][0] else curve[0][1]


def sparkline(values: Sequence[float], width: int = 40) -> str:
    """The course of `values` in block characters."""
    if len(values) < 2:
        return ""
    stride = max(1, len(values) / width)
    shown = [values[min(len(values) - 1, int(i * stride))] for i in range(min(width, len(values)))]
    low, high = min(shown), max(shown)
    span = (high - low) or 1.0
    return "".join(_BARS[round((v - low) / span * (len(_BARS) - 1))] for v in shown)


def duration(seconds: float) -> str:
    """`90` -> `1m30s`."""
    if seconds > 99 * 3600:
        return "days"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
