"""`tengen train TASK`: a new training, from its preset and what was typed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tengen.kinds import kind_named
from tengen.options import Parser
from tengen.typed import read_training

if TYPE_CHECKING:
    from tengen.card import Card
    from tengen.run import Run
    from tengen.session import Outcome, Say, Session


def run(parser: Parser, args: list[str]) -> int:
    kind, _, training, options = read_training(parser, args)
    say(f"{kind.headline(training)}, seed {training.settings.seed}; setting up …")
    from tengen.session import train_new  # with torch, which `--help` does without

    runs = Path(options.runs)
    session: Any = kind.session(training, runs=runs)
    return ended(train_new(session, runs, present, say))


def say(text: str) -> None:
    print(text, flush=True)


def present(session: Session, run: Run, card: Card | None, report: Say) -> None:
    """Print the card of a finished run, draw its curve, and film it or draw what it learned."""
    if card is None:
        return
    print(card.describe())
    kind = kind_named(session.training.kind)
    curve = run.path / "curve.png"
    kind.draw([run.path], curve)
    print("wrote " + ", ".join(str(path) for path in [curve, *kind.show(session, run)]))


def ended(outcome: Outcome) -> int:
    """Say how a training ended and what to type next."""
    if outcome.finished:
        print("\n  ".join(["type next:", *outcome.next]))
    else:
        print(f"stopped and saved at step {outcome.step:,}; go on with:\n  tengen resume {outcome.run}")
    return 0
