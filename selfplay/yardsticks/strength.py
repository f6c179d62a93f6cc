"""`tengen eval RUN --against PLAYER`: how strong a run of self-play became, network by network.

The networks rated in training are in RUN/models; some of them, evenly spaced, play one external player. Each result is
appended to RUN/eval/against.jsonl, one line per network, as soon as it is known: a stopped command continues when run
again, and more networks can be added later. `tengen plot RUN` draws the results beside the ratings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from selfplay.match_card import Match
from selfplay.match_session import played_match
from tengen.description import Description
from tengen.errors import UserError
from tengen.run import Run, read_rows


@dataclass(frozen=True)
class StrengthCard:
    """The score of one network of a run against an external player."""

    step: int  # of the network
    opponent: str
    simulations: int
    games: int
    seed: int
    seconds: float  # of training up to the network
    rate: float  # a draw counts as half a win
    low: float  # 95 % interval
    high: float

    def describe(self) -> str:
        return (
            f"step {self.step:,} ({self.seconds / 3600:.2f} hours), {self.simulations} simulations:"
            f" {self.rate:.1%} [{self.low:.1%}, {self.high:.1%}] of {self.games} games against {self.opponent}"
        )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def file_of(run: Path) -> Path:
    return run / "eval" / "against.jsonl"


def measure(
    path: Path,
    opponent: str,
    *,
    networks: int,
    games: int,
    simulations: int,
    seed: int,
    runs: Path,
    say: Callable[[str], None],
) -> list[StrengthCard]:
    """A card a network of the run at `path`; `say` reports each as it is known."""
    run = Run.open(path)
    what, metrics, file = Description.of_run(run), run.rows(), file_of(path)
    models = sorted((path / "models").glob("step-*"))
    if not models:
        raise UserError(f"{path} has rated no network yet; see --rate-every")
    komi = what.settings["komi"]
    known = _read(file)
    cards = []
    for model in evenly(models, networks):
        step = int(model.name.removeprefix("step-"))
        wanted = (step, opponent, simulations, games, seed)
        card = next((old for old in known if _measured(old) == wanted), None)
        if card is None:
            match = Match(
                f"{model}:{simulations}",
                opponent,
                what.task,
                games=games,
                rules=what.settings["rules"],
                komi=None if komi == "fair" else float(komi),
                simulations=simulations,
                seed=seed,
            )
            found = played_match(match, runs=runs)
            seconds = max((r["seconds"] for r in metrics if r["step"] <= step), default=0.0)
            card = StrengthCard(*wanted, seconds, found.rate, *found.ci95)
            file.parent.mkdir(exist_ok=True)
            with file.open("a") as lines:
                lines.write(json.dumps(card.to_dict()) + "\n")
        cards.append(card)
        say(card.describe())
    return cards


def _measured(card: StrengthCard) -> tuple[int, str, int, int, int]:
    """What makes two cards the same measurement."""
    return card.step, card.opponent, card.simulations, card.games, card.seed


def _read(file: Path) -> list[StrengthCard]:
    """The cards of earlier calls; lines that lack something are passed over."""
    names = {field.name for field in fields(StrengthCard)}
    rows = read_rows(file) if file.exists() else []
    return [StrengthCard(**{name: row[name] for name in names}) for row in rows if names <= row.keys()]


def evenly(models: Sequence[Path], count: int) -> list[Path]:
    """`count` of them from the first to the last, the last always."""
    last = len(models) - 1
    return [models[i] for i in sorted({last - round(k * last / max(1, count - 1)) for k in range(count)})]
