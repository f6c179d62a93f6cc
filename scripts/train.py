"""`tengen train TASK`: start a training from the task's preset and the options given."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tengen.options import Parser, given_option
from tengen.typed import read_training, with_run_named

if TYPE_CHECKING:
    from tengen.session import Outcome


def run(parser: Parser, args: list[str]) -> int:
    args = with_run_named(args, Path(given_option(args, "--runs") or "runs"))
    kind, _, training, options = read_training(parser, args)
    say(f"{kind.headline(training)}, seed {training.settings.seed}; setting up …")
    runs = Path(options.runs)
    if training.settings.learners > 1:
        from tengen.learners.workers import train_together

        return ended(train_together(training, runs, sys.argv, say))
    from tengen.presenting import presenter
    from tengen.session import train_new  # with torch, which `--help` does without

    session: Any = kind.session(training, runs=runs)
    return ended(train_new(session, runs, presenter(say), say))


def say(text: str) -> None:
    print(text, flush=True)


def ended(outcome: Outcome) -> int:
    """Print how a training ended and what to type next."""
    if outcome.finished:
        print("\n  ".join(["type next:", *outcome.next]))
    else:
        print(f"stopped and saved at step {outcome.step:,}; continue with:\n  tengen resume {outcome.run}")
    return 0
