"""Curves of systems: test score and loss against steps and minutes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tengen import figures
from tengen.description import Description
from tengen.errors import UserError
from tengen.legends import legends
from tengen.run import Run, read_rows

_LEFT_OUT = ("test/score",)
_DOTS = 60  # more values than that are a line
_BESIDE = ("wrong_bits", "kl", "pixels_right")  # of the training, beside what is tested


def draw(runs: Sequence[Path], out: Path) -> None:
    """Draw the tested columns of `runs` into `out` (png, svg or pdf)."""
    found = {path: read_rows(path / "metrics.jsonl") for path in runs}
    columns = tested_columns([row for rows in found.values() for row in rows])
    if not columns:
        raise UserError(f"{runs[0]} has not been tested yet: there is no curve")
    known = {name for rows in found.values() for row in rows for name in row}
    shown = columns[:3] + [name for name in _BESIDE if name in known]
    figure, grid = figures.pyplot().subplots(
        len(shown), 2, figsize=(11, 3.2 * len(shown) + 1), sharey="row", layout="constrained", squeeze=False
    )
    tasks = set()
    for colour, (path, legend) in figures.coloured(zip(runs, legends(runs), strict=True)):
        what = Description.of_run(Run.open(path))
        tasks.add(what.task)
        for column, row_of_axes in zip(shown, grid, strict=True):
            rows = [row for row in found[path] if column in row]
            values = [row[column] for row in rows]
            for axes, x in zip(row_of_axes, ("step", "seconds"), strict=True):
                at = [row[x] / (60 if x == "seconds" else 1) for row in rows]
                axes.plot(at, values, "o-" if len(rows) <= _DOTS else "-", color=colour, ms=3, label=str(legend))
                axes.set_xlabel("minutes" if x == "seconds" else "steps")
            row_of_axes[0].set_ylabel(column.removeprefix("test/").replace("_", " "))
    figures.save(figure, ", ".join(sorted(tasks)), out)


def tested_columns(rows: Sequence[dict[str, float]]) -> list[str]:
    """The columns test/…, or the loss where nothing is tested."""
    names = list(dict.fromkeys(name for row in rows for name in row if name.startswith("test/")))
    names = [name for name in names if name not in _LEFT_OUT] or names
    return names or [name for name in ("loss",) if any(name in row for row in rows)]
