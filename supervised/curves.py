"""Learning curves of supervised runs: error on held-out and training examples, against epochs and minutes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tengen import figures
from tengen.description import Description
from tengen.errors import UserError
from tengen.legends import legends
from tengen.run import Run, metric_rows


def draw(runs: Sequence[Path], out: Path) -> None:
    """Draw `runs` into `out` (png, svg or pdf); errors in per cent."""
    figure, (by_epoch, by_minute) = figures.pyplot().subplots(
        1, 2, figsize=(11, 4.2), sharey=True, layout="constrained"
    )
    tasks = set()
    for colour, (path, legend) in figures.coloured(zip(runs, legends(runs), strict=True)):
        what = Description.of_run(Run.open(path))
        rows = [row for row in metric_rows(path / "metrics.jsonl") if "accuracy" in row]
        tested = [row for row in rows if "test/accuracy" in row]
        if not tested:
            raise UserError(f"{path} has not been tested yet: there is no curve")
        tasks.add(what.task)
        name = str(legend)
        for axes, column, scale in ((by_epoch, "epoch", 1), (by_minute, "seconds", 60)):
            x = [row[column] / scale for row in tested]
            axes.plot(x, [100 - 100 * row["test/accuracy"] for row in tested], "o-", color=colour, ms=3, label=name)
            block = max(1, len(rows) // figures.POINTS)
            means = [rows[i : i + block] for i in range(0, len(rows), block)]
            error = [100 - 100 * float(np.mean([row["accuracy"] for row in part])) for part in means]
            x = [part[-1][column] / scale for part in means]
            axes.plot(x, error, color=colour, alpha=0.4, linewidth=0.8, label=f"{name}, while training")
    by_epoch.set_xlabel("epochs")
    by_minute.set_xlabel("minutes of training")
    by_epoch.set_ylabel("wrong answers, %")
    by_epoch.set_yscale("log")
    for formatter in (by_epoch.yaxis.set_major_formatter, by_epoch.yaxis.set_minor_formatter):
        formatter("{x:g}")
    figures.save(figure, ", ".join(sorted(tasks)), out)
