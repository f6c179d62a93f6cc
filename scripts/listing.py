"""Tables for the terminal: runs, the zoo, benchmarks."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tengen.checkpoint import checkpoints
from tengen.display import duration
from tengen.errors import UserError, unknown
from tengen.run import Run
from tengen.zoo import zoo_cards

BENCHMARKS = ("atari", "go", "nets", "search")


def list_runs(root: Path) -> int:
    """A row for each run under `root`, newest last."""
    folders = sorted(root.glob("*/config.yaml"), key=lambda p: p.stat().st_mtime) if root.is_dir() else []
    if not folders:
        print(f"no runs in {root}; start one with: tengen train pong")
        return 0
    table = Table(box=None, header_style="bold")
    for column in ("run", "task", "agent", "steps", "of", "score", "evaluated", "time"):
        table.add_column(column, overflow="fold", justify="left" if column in ("run", "task", "agent") else "right")
    for path in folders:
        run = Run.open(path.parent)
        try:
            config = run.config()
            task, agent = config["task"], config["agent"]
            total = config.get("steps") or config["settings"]["steps"]
        except (UserError, KeyError, TypeError):
            table.add_row(path.parent.name, "damaged config.yaml")
            continue
        rows = run.rows()
        last = rows[-1] if rows else {}
        cards = sorted((path.parent / "eval").glob("*.json"), key=lambda p: p.stat().st_mtime)
        saved = checkpoints(run.checkpoint_folder)
        table.add_row(
            path.parent.name,
            task,
            agent,
            f"{saved[-1][0] if saved else last.get('step', 0):,}",
            f"{total:,}",
            _newest_score(rows),
            result_of(json.loads(cards[-1].read_text())) if cards else "-",
            duration(last.get("seconds", 0)),
        )
    Console().print(table)
    return 0


def _newest_score(rows: list[dict[str, Any]]) -> str:
    for row in reversed(rows):
        if "score" in row:
            return f"{row['score']:.2f}"
        if "test/accuracy" in row:
            return f"{row['test/accuracy']:.2%}"
    return "-"


_SHARES = {"accuracy": "examples", "kept": "positions", "rate": "games"}  # a card's share -> what it was counted over


def result_of(card: dict[str, Any]) -> str:
    """The number that a card is about."""
    share = next((name for name in _SHARES if name in card), None)
    return f"{card[share]:.2%}" if share else f"{card['mean']:.2f}" if "mean" in card else "-"


def list_zoo_table() -> int:
    """A row for each network that comes with Tengen."""
    table = Table(box=None, header_style="bold")
    for column in ("name", "task", "agent", "steps", "protocol", "result", "95 %", "measured on"):
        table.add_column(column)
    for name, card in zoo_cards().items():
        share = next((name for name in _SHARES if name in card), None)
        interval = ("[{:.2%}, {:.2%}]" if share else "[{:.2f}, {:.2f}]").format(*card["ci95"])
        table.add_row(
            name,
            card["task"],
            card["agent"],
            f"{card['steps']:,}",
            card["protocol"],
            result_of(card),
            interval.replace("[", r"\["),
            f"{card[_SHARES[share] if share else 'episodes']:,}",
        )
    Console().print(table)
    print("type next:\n  tengen watch NAME\n  tengen eval NAME")
    return 0


def run_bench(name: str, quick: bool, as_json: bool) -> int:
    """Measure and print the rows {what, unit, value, baseline, ratio} of benchmark `name`."""
    if name not in BENCHMARKS:
        raise unknown("benchmark", name, BENCHMARKS)
    measured = []
    if not as_json:
        print(f"{'what':18} {'unit':16} {'value':>12} {'baseline':>12} {'ratio':>8}", flush=True)
    for row in importlib.import_module(f"scripts.bench.{name}").rows(quick):
        measured.append(row)
        if not as_json:
            numbers = f"{row['value']:>12,.2f} {row['baseline']:>12,.2f} {row['ratio']:>8.2f}"
            print(f"{row['what']:18} {row['unit']:16} {numbers}", flush=True)
    if as_json:
        print(json.dumps(measured, indent=2))
    return 0
