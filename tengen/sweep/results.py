"""The results of a sweep: the trials from best to worst, which options mattered, and the command to type next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tengen import figures
from tengen.plural import counted
from tengen.sweep.progress import Progress, cells_of, columns_of
from tengen.sweep.record import FAILED, FINISHED, STOPPED, Sweep, Trial, command, shown
from tengen.sweep.space import Axis
from tengen.tables import print_table

_ENOUGH = 8  # trials for a forest to say anything
_TREES = 300


def ranked(progress: Progress) -> list[Trial]:
    """The trials, best first: those that failed and those without a value last."""

    def key(trial: Trial) -> tuple[bool, float, int]:
        report = progress.reports.get(trial.number)
        return (
            trial.state == FAILED,
            -progress.sweep.better(report.value if report else None),
            trial.number,
        )

    return sorted(progress.sweep.trials, key=key)


def best(progress: Progress) -> Trial | None:
    """The trial with the best newest value of the metric; None where there is none."""
    first = ranked(progress)[0]
    report = progress.reports.get(first.number)
    return first if first.state != FAILED and report and report.value is not None else None


def print_results(progress: Progress) -> None:
    """The table of the trials, best first, and why some failed."""
    sweep = progress.sweep
    trials = ranked(progress)
    columns = columns_of(sweep)[:-1]
    rows = [cells_of(sweep, trial, progress.reports.get(trial.number))[:-1] for trial in trials]
    print_table(columns, rows, right=("step", sweep.metric))
    for trial in trials:
        if trial.reason:
            print(f"{trial.name} failed: {trial.reason}")


def importances(progress: Progress) -> dict[str, float] | None:
    """How much each option mattered: part of what a random forest can predict that depends on it.

    A forest (Breiman 2001) learns the rank of a trial's metric from its values. Each tree has not seen about a third of
    the trials; on those, the values of one option are exchanged among them, and the fall of R² that follows is what
    the option told. Falls are averaged over trees, and below 0 count as 0. So 0 is an option that told nothing of
    trials not seen, and larger means more; they need not add up to 1. Trials that diverged count as the worst.

    None where fewer than 8 trials tell anything.
    """
    sweep, taken, values = _told(progress)
    if len(taken) < _ENOUGH or np.ptp(values) == 0:
        return None
    x, owners = _encoded(sweep.axes, taken)
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable") / (len(values) - 1.0)
    ranks = np.array([ranks[values == value].mean() for value in values])  # ties share their rank
    return _out_of_bag(x, owners, ranks, [axis.name for axis in sweep.axes])


def _told(progress: Progress) -> tuple[Sweep, list[Trial], np.ndarray]:
    """(sweep, trials that tell something, how good each is)."""
    sweep, reports = progress.sweep, progress.reports
    ended = [t for t in sweep.trials if t.state in (FINISHED, STOPPED) and reports.get(t.number)]
    values = [sweep.better(reports[t.number].value) for t in ended]
    diverged = [t for t in sweep.trials if t.state == FAILED and t.diverged]
    worst = min(values, default=0.0)
    return sweep, [*ended, *diverged], np.array([*values, *(worst - 1 for _ in diverged)])


def _encoded(axes: Sequence[Axis], trials: Sequence[Trial]) -> tuple[np.ndarray, list[str]]:
    """(features [N, F], the option that each feature belongs to): logarithms, numbers, a column for each item of a list
    of words."""
    columns, owners = [], []
    for axis in axes:
        chosen = [trial.values[axis.name] for trial in trials]
        if axis.law == "list" and not all(_is_number(item) for item in axis.items):
            for item in axis.items:
                columns.append([float(value == item) for value in chosen])
                owners.append(axis.name)
        else:
            columns.append([float(np.log(value)) if axis.law == "loguniform" else float(value) for value in chosen])
            owners.append(axis.name)
    return np.array(columns).T, owners


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _out_of_bag(x: np.ndarray, owners: Sequence[str], y: np.ndarray, names: Sequence[str]) -> dict[str, float]:
    """name -> mean fall of R² on unseen trials when that option's values are exchanged."""
    from sklearn.tree import DecisionTreeRegressor

    rng = np.random.default_rng(0)
    falls: dict[str, list[float]] = {name: [] for name in names}
    scale = float(y.var())
    for _ in range(_TREES):
        seen = rng.integers(len(y), size=len(y))
        unseen = np.setdiff1d(np.arange(len(y)), seen)
        if len(unseen) < 2:
            continue
        tree = DecisionTreeRegressor(max_features=max(1, x.shape[1] // 3), random_state=int(rng.integers(2**31)))
        tree.fit(x[seen], y[seen])
        error = np.mean((tree.predict(x[unseen]) - y[unseen]) ** 2)
        for name in names:
            other = x[unseen]
            mine = [i for i, owner in enumerate(owners) if owner == name]
            other[:, mine] = other[rng.permutation(len(unseen))][:, mine]
            falls[name].append((np.mean((tree.predict(other) - y[unseen]) ** 2) - error) / scale)
    return {name: max(0.0, float(np.mean(fall))) if fall else 0.0 for name, fall in falls.items()}


def draw(progress: Progress, out: Path, important: Mapping[str, float] | None) -> None:
    """The metric over each option: logarithmic where it was drawn so, a box for each word of a list."""
    sweep = progress.sweep
    plt = figures.pyplot()
    count = len(sweep.axes)
    columns = min(3, count)
    rows = -(-count // columns)
    figure, panels = plt.subplots(
        rows, columns, figsize=(1 + 3.6 * columns, 0.4 + 3.2 * rows), squeeze=False, sharey=True, layout="constrained"
    )
    groups = {
        state: [t for t in sweep.trials if _value(progress, t, state) is not None] for state in (FINISHED, STOPPED)
    }
    for axes, axis in zip(panels.flat, sweep.axes, strict=False):
        words = axis.law == "list"
        if words:
            _boxes(axes, axis, progress, [t for group in groups.values() for t in group])
        for (colour, (state, trials)), marker in zip(figures.coloured(groups.items()), "ox", strict=True):
            x = [_place(axis, t) if words else t.values[axis.name] for t in trials]
            y = [_value(progress, t, state) for t in trials]
            axes.scatter(x, y, color=colour, marker=marker, s=26, label=state, zorder=3)
        if axis.law == "loguniform":
            axes.set_xscale("log")
        known = f", importance {important[axis.name]:.2f}" if important else ""
        axes.set_xlabel(f"{axis.name}{known}")
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in panels.flat[count:]:
        axes.set_visible(False)
    for row in panels:
        row[0].set_ylabel(sweep.metric)
    panels[0][0].legend(frameon=False, fontsize=8)
    figure.suptitle(f"{sweep.task}: {counted(len(sweep.trials), 'trials')}")
    figure.savefig(out, dpi=90)
    plt.close(figure)


def _value(progress: Progress, trial: Trial, state: str) -> float | None:
    report = progress.reports.get(trial.number)
    return report.value if report and trial.state == state else None


def _place(axis: Axis, trial: Trial) -> float:
    """Where a trial's word stands, a little aside so that points do not hide each other."""
    return axis.items.index(trial.values[axis.name]) + 0.12 * ((trial.number * 0.618) % 1 - 0.5)


def _boxes(axes: Any, axis: Axis, progress: Progress, trials: Sequence[Trial]) -> None:
    for place, item in enumerate(axis.items):
        if values := [progress.reports[t.number].value for t in trials if t.values[axis.name] == item]:
            grey = {"color": "#999999"}
            axes.boxplot(
                [values],
                positions=[place],
                widths=0.5,
                showfliers=False,
                boxprops=grey,
                whiskerprops=grey,
                capprops=grey,
                medianprops={"color": "#333333"},
            )
    axes.set_xticks(range(len(axis.items)), [str(item) for item in axis.items])
    axes.set_xlim(-0.6, len(axis.items) - 0.4)


def conclude(progress: Progress) -> None:
    """Print the table, draw what mattered, and say what to type next."""
    sweep = progress.sweep
    print_results(progress)
    winner = best(progress)
    if winner is None:
        print("no trial has a value yet")
        return
    important = importances(progress)
    out = progress.folder / "sweep.png"
    draw(progress, out, important)
    if important:
        order = sorted(important.items(), key=lambda item: -item[1])
        print("what mattered (docs/sweeps.md): " + ", ".join(f"{name} {value:.2f}" for name, value in order))
    print(f"wrote {shown(out)}")
    print(f"best: {winner.name}; type next:\n  {command(sweep.arguments(winner))}")
    print(f"  tengen plot {shown(progress.folder / winner.name)}")
