"""`tengen eval RUN --against PLAYER`: how strong a run of self-play became, network by network.

The networks that were rated in training lie in RUN/models; some of them, evenly chosen, meet one player from outside.
What they score goes to RUN/eval/against.jsonl, a line a network, as soon as it is known: stopped and typed again,
the command goes on where it was, and more networks can be added later. `tengen plot RUN` draws the lines beside
the ratings.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from selfplay.match_card import Match
from selfplay.match_session import played_match
from tengen.errors import UserError
from tengen.run import Run, read_rows

_SAME = ("step", "opponent", "simulations", "games", "seed")  # what makes two lines the same measurement


def file_of(run: Path) -> Path:
    return run / "eval" / "against.jsonl"


def measure(
    path: Path, opponent: str, *, networks: int, games: int, simulations: int, seed: int, runs: Path
) -> list[dict[str, Any]]:
    """A row a network: {step, seconds, opponent, simulations, games, seed, rate, low, high}."""
    run = Run.open(path)
    config, metrics, file = run.config(), run.rows(), file_of(path)
    models = sorted((path / "models").glob("step-*"))
    if not models:
        raise UserError(f"{path} has rated no network yet; see --rate-every")
    komi = config["settings"]["komi"]
    known = read_rows(file) if file.exists() else []
    rows = []
    for model in evenly(models, networks):
        step = int(model.name.removeprefix("step-"))
        row: dict[str, Any] = {"step": step, "opponent": opponent, "simulations": simulations, "games": games}
        row["seed"] = seed
        found = next((old for old in known if all(old.get(key) == row[key] for key in _SAME)), None)
        if found is None:
            match = Match(
                f"{model}:{simulations}",
                opponent,
                config["task"],
                games=games,
                rules=config["settings"]["rules"],
                komi=None if komi == "fair" else float(komi),
                simulations=simulations,
                seed=seed,
            )
            card = played_match(match, runs=runs)
            row["seconds"] = max((r["seconds"] for r in metrics if r["step"] <= step), default=0.0)
            found = row | {"rate": card.rate, "low": card.ci95[0], "high": card.ci95[1]}
            file.parent.mkdir(exist_ok=True)
            with file.open("a") as lines:
                lines.write(json.dumps(found) + "\n")
        rows.append(found)
        print(describe(found), flush=True)
    return rows


def evenly(models: Sequence[Path], count: int) -> list[Path]:
    """`count` of them from the first to the last, the last always."""
    last = len(models) - 1
    return [models[i] for i in sorted({last - round(k * last / max(1, count - 1)) for k in range(count)})]


def describe(row: dict[str, Any]) -> str:
    return (
        f"step {row['step']:,} ({row['seconds'] / 3600:.2f} hours), {row['simulations']} simulations:"
        f" {row['rate']:.1%} [{row['low']:.1%}, {row['high']:.1%}] of {row['games']} games against {row['opponent']}"
    )
