"""Tables for the terminal: runs, and the zoo."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from tengen.card import headline, newest_card
from tengen.checkpoint import checkpoints
from tengen.description import Description
from tengen.display import duration
from tengen.errors import UserError
from tengen.run import Run
from tengen.zoo import zoo_cards


def print_runs(root: Path) -> bool:
    """A row for each run under `root`, newest last; False where there is none."""
    folders = sorted(root.glob("*/config.yaml"), key=lambda p: p.stat().st_mtime) if root.is_dir() else []
    table = Table(box=None, header_style="bold")
    for column in ("run", "task", "agent", "steps", "of", "score", "evaluated", "time"):
        table.add_column(column, overflow="fold", justify="left" if column in ("run", "task", "agent") else "right")
    for path in folders:
        table.add_row(*_row(Run.open(path.parent)))
    if folders:
        Console().print(table)
    return bool(folders)


def _row(run: Run) -> list[str]:
    try:
        what = Description.of_run(run)
        total = what.total_steps
    except (UserError, ValueError, TypeError):
        return [run.path.name, "damaged config.yaml"]
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
    return "-"


def print_zoo() -> None:
    """A row for each network that comes with Tengen."""
    table = Table(box=None, header_style="bold")
    for column in ("name", "task", "agent", "steps", "protocol", "result", "95 %", "measured on"):
        table.add_column(column)
    for name, card in zoo_cards().items():
        found = headline(card)
        table.add_row(
            name,
            card["task"],
            card["agent"],
            f"{card['steps']:,}",
            card["protocol"],
            found.result,
            found.interval.replace("[", r"\["),
            found.measured_on,
        )
    Console().print(table)
