"""Curves of agents: score against steps and against minutes, several seeds as one band."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from envs.atari_scores import random_and_human
from tengen import figures
from tengen.description import Description
from tengen.errors import UserError
from tengen.legends import legends
from tengen.run import Run, metric_rows

_HERE = Path(__file__).parent


def expected_curve(task: str, agent: str) -> list[tuple[float, float]]:
    """The curve that the preset was measured to follow, [(environment step, score)]; empty where none was."""
    curves: dict[str, list[tuple[float, float]]] = json.loads((_HERE / "expected.json").read_text())
    return curves.get(f"{task}-{agent}", [])


def draw(runs: Sequence[Path], out: Path) -> None:
    """Draw `runs` into `out` (png, svg or pdf). Runs that differ in nothing but the seed become a mean and a band."""
    groups = _groups(runs)
    tasks = {task for task, _ in groups}
    figure, (by_step, by_minute) = figures.pyplot().subplots(1, 2, figsize=(11, 4.2), sharey=True, layout="constrained")
    for colour, ((_, name), curves) in figures.coloured(groups.items()):
        label = f"{name} ({len(curves)} seeds)" if len(curves) > 1 else name
        for axes, column in ((by_step, 0), (by_minute, 2)):
            _draw(axes, [(c[:, column], c[:, 1]) for c in curves], colour, label)
    if len(tasks) == 1:
        _draw_references(by_step, by_minute, next(iter(tasks)), max(c[-1, 0] for g in groups.values() for c in g))
    by_step.set_xlabel("environment steps (millions)")
    by_minute.set_xlabel("minutes of training")
    by_step.set_ylabel("score, mean of the last 100 games")
    figures.save(figure, ", ".join(sorted(tasks)), out)


def _groups(runs: Sequence[Path]) -> dict[tuple[str, str], list[np.ndarray]]:
    """(task, what is trained and how) -> curves [rows, 3]: million steps, score, minutes."""
    groups: dict[tuple[str, str], list[np.ndarray]] = defaultdict(list)
    for path, legend in zip(runs, legends(runs), strict=True):
        what = Description.of_run(Run.open(path))
        rows = [row for row in metric_rows(path / "metrics.jsonl") if "score" in row]
        if not rows:
            raise UserError(f"{path} has no finished game yet: there is no curve")
        curve = np.array([(row["step"] / 1e6, row["score"], row["seconds"] / 60) for row in rows])
        groups[what.task, legend.name].append(curve)
    return groups


def _draw(axes: Any, curves: list[tuple[np.ndarray, np.ndarray]], colour: str, label: str) -> None:
    if len(curves) == 1:
        axes.plot(*curves[0], color=colour, label=label)
        return
    for x, y in curves:
        axes.plot(x, y, color=colour, alpha=0.35, linewidth=0.8)
    grid = np.linspace(max(x[0] for x, _ in curves), min(x[-1] for x, _ in curves), figures.POINTS)
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
    games = json.loads((_HERE / "published.json").read_text())["games"]
    for (name, points), style in zip(games.get(task.replace("_", ""), {}).items(), ("-", "--", ":"), strict=False):
        curve = np.array(points)
        x = np.append(0, curve[:, 0] / 4)  # frames to steps
        y = np.append(curve[0, 1], curve[:, 1])
        end = np.searchsorted(x, longest * 1.05, side="right")
        x, y = np.append(x[:end], longest), np.append(y[:end], np.interp(longest, x, y))
        by_step.plot(x, y, color="#aaaaaa", linestyle=style, linewidth=1.2, label=f"{name} (Dopamine)", zorder=0)
