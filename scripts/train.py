"""`tengen train TASK`: a new training, from its preset and what was typed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tengen.errors import UserError
from tengen.kinds import all_kinds, kind_named, training_for
from tengen.options import HelpAll, Parser, add_options, from_options, given_option

if TYPE_CHECKING:
    from tengen.card import Card
    from tengen.run import Run
    from tengen.session import Outcome, Say, Session


def run(parser: Parser, args: list[str]) -> int:
    task = args[0] if args and not args[0].startswith("-") else None
    if task is None and not {"-h", "--help", "--help-all"} & set(args):
        raise UserError("which task? it comes first: tengen train pong (see tengen train --help)")
    kind, preset = training_for(task or "pong", lambda option: given_option(args, option))
    parser.usage = f"tengen train {preset.task if task else 'TASK'} [options]"
    parser.add_argument("task", help="; ".join(each.tasks for each in reversed(all_kinds())))
    parser.add_argument("--help-all", action=HelpAll, nargs=0, help="show every option and exit")
    if preset.agents:
        parser.add_argument("--agent", default=preset.agent, metavar="|".join(preset.agents), help="learning algorithm")
    add_options(parser, preset.settings, "the training")
    add_options(parser, preset.config, preset.title)
    options = parser.parse_all(args)
    settings, config = from_options(preset.settings, options), from_options(preset.config, options)
    training = replace(preset, settings=settings, config=config)
    say(f"{kind.headline(training)}, seed {settings.seed}; setting up …")
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
