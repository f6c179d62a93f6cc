"""Plots of self-play runs: rating over hours with match intervals, losses over moves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from selfplay.yardsticks.strength import file_of
from tengen import figures
from tengen.description import Description
from tengen.errors import UserError
from tengen.legends import legends
from tengen.run import Run, metric_rows, read_rows


def draw(runs: Sequence[Path], out: Path) -> None:
    """Draw `runs` into `out` (png, svg or pdf)."""
    rows_of = {path: metric_rows(path / "metrics.jsonl") + _met_later(path) for path in runs}
    met = sorted(
        {k.removeprefix("outside/") for rows in rows_of.values() for r in rows for k in r if k.startswith("outside/")}
    )
    figure, panels = figures.pyplot().subplots(
        1, 3 if met else 2, figsize=(16 if met else 11, 4.2), layout="constrained"
    )
    ratings, losses = panels[0], panels[-1]
    tasks = set()
    for colour, (path, legend) in figures.coloured(zip(runs, legends(runs), strict=True)):
        what = Description.of_run(Run.open(path))
        rows = rows_of[path]
        rated = [row for row in rows if "rating" in row]
        learned = [row for row in rows if "kl" in row]
        if not learned:
            raise UserError(f"{path} has not taken a gradient step yet, so there is nothing to plot")
        tasks.add(what.task)
        name = str(legend) if len(runs) > 1 else f"{what.config['net']} s{what.seed}"
        hours = [row["seconds"] / 3600 for row in rated]
        ratings.plot(hours, [row["rating"] for row in rated], "o-", color=colour, ms=3, label=name)
        low = [row.get("rating_low", row["rating"]) for row in rated]
        ratings.fill_between(
            hours, low, [row.get("rating_high", row["rating"]) for row in rated], color=colour, alpha=0.15, linewidth=0
        )
        for other, style in zip(met, ("o-", "s--", "^:") * 9, strict=False):
            _draw_outside(panels[1], rows, other, style, colour, f"{name} against {other}")
        for column, style in (("kl", "-"), ("loss/outcome", ":")):
            shown = [(row["step"] / 1e6, row[column]) for row in learned]
            losses.plot(*zip(*shown, strict=True), style, color=colour, linewidth=1, label=f"{name}, {column}")
    ratings.set_xlabel("hours of training")
    ratings.set_ylabel("Elo above the first network")
    if met:
        panels[1].set_xlabel("hours of training")
        panels[1].set_ylabel("games won, with 95 % interval")
        panels[1].set_ylim(0, 1)
        panels[1].legend(frameon=False, fontsize=8)
    losses.set_xlabel("moves of self-play (millions)")
    losses.set_ylabel("policy: KL to the target; outcome: cross-entropy")
    losses.legend(frameon=False, fontsize=8)
    figures.save(figure, ", ".join(sorted(tasks)), out)


def _met_later(run: Path) -> list[dict[str, Any]]:
    """Results of `tengen eval RUN --against PLAYER`, as rows of metrics."""
    file = file_of(run)
    made = []
    for row in read_rows(file) if file.exists() else []:
        label = f"{row['opponent'].split(' --')[0]} ({row['simulations']} simulations)"
        ends = {f"outside_{end}/{label}": row[end] for end in ("low", "high")}
        made.append({"step": row["step"], "seconds": row["seconds"], f"outside/{label}": row["rate"]} | ends)
    return sorted(made, key=lambda row: float(row["step"]))


def _draw_outside(axes: Any, rows: list[dict[str, Any]], other: str, style: str, colour: str, label: str) -> None:
    """The fraction of games won against an external player, over hours of training."""
    shown = [row for row in rows if f"outside/{other}" in row]
    hours = [row["seconds"] / 3600 for row in shown]
    axes.plot(hours, [row[f"outside/{other}"] for row in shown], style, color=colour, ms=3, label=label)
    low, high = ([row[f"outside_{end}/{other}"] for row in shown] for end in ("low", "high"))
    axes.fill_between(hours, low, high, color=colour, alpha=0.15, linewidth=0)
