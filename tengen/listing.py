"""Tables for the terminal: runs, and the zoo."""

from __future__ import annotations

from pathlib import Path

from tengen.card import headline, newest_card
from tengen.checkpoint import checkpoints
from tengen.description import Description
from tengen.display import duration
from tengen.errors import UserError
from tengen.run import Run
from tengen.tables import print_table
from tengen.zoo import zoo_cards


def print_runs(root: Path) -> bool:
    """A row for each run under `root`, newest last; False where there is none."""
    folders = sorted((p.parent for p in root.glob("*/config.yaml")), key=_since) if root.is_dir() else []
    numbers = ("steps", "of", "score", "evaluated", "time")
    if folders:
        print_table(("run", "task", "agent", *numbers), [_row(path) for path in folders], numbers)
    return bool(folders)


def _since(folder: Path) -> float:
    """When the run was begun; damaged ones come first."""
    try:
        return (folder / "config.yaml").stat().st_mtime
    except OSError:
        return 0.0


def _row(path: Path) -> list[str]:
    try:
        run = Run.open(path)
        what = Description.of_run(run)
        total = what.total_steps
    except UserError:
        return [path.name, "damaged config.yaml"]
    rows = run.rows()
    last = rows[-1] if rows else {}
    saved = checkpoints(run.checkpoint_folder)
    steps = saved[-1][0] if saved else last.get("step", 0)
    card = newest_card(run.path)
    return [
        run.path.name,
        what.task,
        what.agent,
        f"{steps:,}",
        f"{total:,}",
        _newest_score(rows),
        headline(card).result if card else "-",
        duration(last.get("seconds", 0)),
    ]


def _newest_score(rows: list[dict[str, float]]) -> str:
    for row in reversed(rows):
        if "score" in row:
            return f"{row['score']:.2f}"
        if "test/accuracy" in row:
            return f"{row['test/accuracy']:.2%}"
        if "rating" in row:
            return f"{row['rating']:.0f} Elo"
        if "test/score" in row:
            return f"{abs(row['test/score']):.4g}"
    return "-"


def print_zoo() -> None:
    """A row for each network that comes with Tengen."""
    rows = []
    for name, card in zoo_cards().items():
        found = headline(card)
        what = (
            name,
            card["task"],
            card["agent"],
            f"{card['steps']:,}",
            card["protocol"],
        )
        rows.append((*what, found.result, found.interval, found.measured_on))
    print_table(("name", "task", "agent", "steps", "protocol", "result", "95 %", "measured on"), rows)
