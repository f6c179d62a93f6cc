"""`tengen plot`: score against steps and against minutes, runs of several seeds as one band."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from envs.atari_scores import random_and_human
from selfplay.yardsticks.strength import file_of
from tengen.errors import UserError
from tengen.run import Run, read_rows

_COLOURS = ("#1b6ca8", "#d1495b", "#2e8b57", "#8e5ea2", "#c97b12", "#555555")
_POINTS = 200  # of a band


def plot(runs: list[Path], out: Path) -> None:
    """Draw `runs` into `out` (png, svg or pdf). Runs of one task and agent become a mean and a band."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    kinds = {Run.open(path).config().get("kind") for path in runs}
    if len(kinds) > 1:
        raise UserError("runs with labels, of self-play and of other agents have no axis in common: plot them apart")
    if kinds == {"labels"}:
        return _plot_labels(runs, out)
    if kinds == {"selfplay"}:
        return _plot_selfplay(runs, out)
    groups = _groups(runs)
    tasks = {task for task, _ in groups}
    figure, (by_step, by_minute) = pyplot.subplots(1, 2, figsize=(11, 4.2), sharey=True, layout="constrained")
    for colour, ((task, agent), curves) in zip(_COLOURS * 9, groups.items(), strict=False):
        label = agent if len(tasks) == 1 else f"{task} {agent}"
        label += f" ({len(curves)} seeds)" if len(curves) > 1 else ""
        for axes, column in ((by_step, 0), (by_minute, 2)):
            _draw(axes, [(c[:, column], c[:, 1]) for c in curves], colour, label)
    if len(tasks) == 1:
        _draw_references(by_step, by_minute, next(iter(tasks)), max(c[-1, 0] for g in groups.values() for c in g))
    by_step.set_xlabel("environment steps (millions)")
    by_minute.set_xlabel("minutes of training")
    by_step.set_ylabel("score, mean of the last 100 games")
    _finish(figure, ", ".join(sorted(tasks)), out)


def _plot_labels(runs: list[Path], out: Path) -> None:
    """Error on held-out and on training examples (both in per cent), against epochs and minutes."""
    from matplotlib import pyplot

    figure, (by_epoch, by_minute) = pyplot.subplots(1, 2, figsize=(11, 4.2), sharey=True, layout="constrained")
    tasks = set()
    for colour, path in zip(_COLOURS * 9, runs, strict=False):
        config = Run.open(path).config()
        rows = [row for row in read_rows(path / "metrics.jsonl") if "accuracy" in row]
        tested = [row for row in rows if "test/accuracy" in row]
        if not tested:
            raise UserError(f"{path} has not been tested yet; plot it a little later")
        tasks.add(config["task"])
        name = f"{config['agent']} s{config['settings']['seed']}"
        for axes, column, scale in ((by_epoch, "epoch", 1), (by_minute, "seconds", 60)):
            x = [row[column] / scale for row in tested]
            axes.plot(x, [100 - 100 * row["test/accuracy"] for row in tested], "o-", color=colour, ms=3, label=name)
            block = max(1, len(rows) // _POINTS)
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
    _finish(figure, ", ".join(sorted(tasks)), out)


def _plot_selfplay(runs: list[Path], out: Path) -> None:
    """Rating against hours with the intervals of the matches; what is lost to policy targets and outcomes."""
    from matplotlib import pyplot

    rows_of = {path: read_rows(path / "metrics.jsonl") + _met_later(path) for path in runs}
    met = sorted(
        {k.removeprefix("outside/") for rows in rows_of.values() for r in rows for k in r if k.startswith("outside/")}
    )
    figure, panels = pyplot.subplots(1, 3 if met else 2, figsize=(16 if met else 11, 4.2), layout="constrained")
    ratings, losses = panels[0], panels[-1]
    tasks = set()
    for colour, path in zip(_COLOURS * 9, runs, strict=False):
        config = Run.open(path).config()
        rows = rows_of[path]
        rated = [row for row in rows if "rating" in row]
        learned = [row for row in rows if "kl" in row]
        if not learned:
            raise UserError(f"{path} has not learned yet; plot it a little later")
        tasks.add(config["task"])
        name = f"{config['config']['net']} s{config['settings']['seed']}"
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
    _finish(figure, ", ".join(sorted(tasks)), out)


def _met_later(run: Path) -> list[dict[str, Any]]:
    """What `tengen eval RUN --against PLAYER` measured, as if it stood in the metrics."""
    file = file_of(run)
    made = []
    for row in read_rows(file) if file.exists() else []:
        label = f"{row['opponent'].split(' --')[0]} ({row['simulations']} simulations)"
        ends = {f"outside_{end}/{label}": row[end] for end in ("low", "high")}
        made.append({"step": row["step"], "seconds": row["seconds"], f"outside/{label}": row["rate"]} | ends)
    return sorted(made, key=lambda row: float(row["step"]))


def _draw_outside(axes: Any, rows: list[dict[str, Any]], other: str, style: str, colour: str, label: str) -> None:
    """The share of games won against a player from outside, against hours."""
    shown = [row for row in rows if f"outside/{other}" in row]
    hours = [row["seconds"] / 3600 for row in shown]
    axes.plot(hours, [row[f"outside/{other}"] for row in shown], style, color=colour, ms=3, label=label)
    low, high = ([row[f"outside_{end}/{other}"] for row in shown] for end in ("low", "high"))
    axes.fill_between(hours, low, high, color=colour, alpha=0.15, linewidth=0)


def _finish(figure: Any, title: str, out: Path) -> None:
    from matplotlib import pyplot

    figure.suptitle(title)
    for axes in figure.axes:
        axes.grid(alpha=0.25, which="both")
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlim(left=0)
    figure.axes[0].legend(frameon=False, fontsize=8)
    try:
        figure.savefig(out, dpi=130)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot write {out}: {error}; use --out FILE.png") from error
    finally:
        pyplot.close(figure)


def _groups(runs: list[Path]) -> dict[tuple[str, str], list[np.ndarray]]:
    """(task, agent) -> curves [rows, 3]: million steps, score, minutes."""
    groups: dict[tuple[str, str], list[np.ndarray]] = defaultdict(list)
    for path in runs:
        config = Run.open(path).config()
        rows = [row for row in read_rows(path / "metrics.jsonl") if "score" in row]
        if not rows:
            raise UserError(f"{path} has no finished game yet; plot it a little later")
        curve = np.array([(row["step"] / 1e6, row["score"], row["seconds"] / 60) for row in rows])
        groups[config["task"], config["agent"]].append(curve)
    return groups


def _draw(axes: Any, curves: list[tuple[np.ndarray, np.ndarray]], colour: str, label: str) -> None:
    if len(curves) == 1:
        axes.plot(*curves[0], color=colour, label=label)
        return
    for x, y in curves:
        axes.plot(x, y, color=colour, alpha=0.35, linewidth=0.8)
    grid = np.linspace(max(x[0] for x, _ in curves), min(x[-1] for x, _ in curves), _POINTS)
    together = np.stack([np.interp(grid, x, y) for x, y in curves])  # [runs, points]
    axes.plot(grid, together.mean(0), color=colour, label=label)
    axes.fill_between(grid, together.min(0), together.max(0), color=colour, alpha=0.15, linewidth=0)


def _draw_references(by_step: Any, by_minute: Any, task: str, longest: float) -> None:
    """Levels of random play and of a human, and Dopamine's curves as far as the runs go."""
    if task in random_and_human():
        for level, name, style in zip(random_and_human()[task], ("random", "human"), (":", "--"), strict=True):
            for axes in (by_step, by_minute):
                axes.axhline(level, color="#999999", linestyle=style, linewidth=1)
            by_step.annotate(name, (0, level), xytext=(4, 3), textcoords="offset points", fontsize=8, color="#777777")
    games = json.loads(Path(__file__).with_name("published.json").read_text())["games"]
    for (name, points), style in zip(games.get(task.replace("_", ""), {}).items(), ("-", "--", ":"), strict=False):
        curve = np.array(points)
        x = np.append(0, curve[:, 0] / 4)  # frames to steps
        y = np.append(curve[0, 1], curve[:, 1])
        end = np.searchsorted(x, longest * 1.05, side="right")
        x, y = np.append(x[:end], longest), np.append(y[:end], np.interp(longest, x, y))
        by_step.plot(x, y, color="#aaaaaa", linestyle=style, linewidth=1.2, label=f"{name} (Dopamine)", zorder=0)
