"""`tengen sweep TASK --over NAME=VALUES …`: many trainings that differ in a few options, and which options mattered."""

from __future__ import annotations

from pathlib import Path

from scripts.train import say
from tengen.options import Parser, add_options, from_options, given_option
from tengen.plural import counted
from tengen.sweep.record import Sweep, known_sweep, shown
from tengen.sweep.settings import SweepSettings, changed
from tengen.typed import with_run_named

FORMS = "lr=loguniform:1e-4:1e-2, gamma=uniform:0.9:0.999, epochs=int:3:12 or net=small,nature"


def run(parser: Parser, args: list[str]) -> int:
    parser.usage = (
        "tengen sweep TASK --over NAME=VALUES … [any option of tengen train TASK]\n       tengen sweep --resume SWEEP"
    )
    parser.add_argument(
        "--over",
        action="append",
        default=[],
        metavar="NAME=VALUES",
        help=f"an option of tengen train and its values: {FORMS}; can be repeated",
    )
    parser.add_argument("--resume", metavar="SWEEP", help="continue a sweep; `last` is the newest")
    root, before = Path(given_option(args, "--runs") or "runs"), None
    if name := given_option(args, "--resume"):
        folder = known_sweep(root, name)
        before = Sweep.read(folder)
    add_options(parser, before.settings if before else SweepSettings(), "the sweep")
    options, rest = parser.parse_known_args(args)
    settings = from_options(SweepSettings(), options)
    rest = with_run_named(rest, root)
    also = [word for action in parser._actions for word in action.option_strings]
    from tengen.sweep.results import conclude  # with torch, which `--help` does without
    from tengen.sweep.run import begin, going_on, plan, run_sweep

    if before:
        again = given_option(args, "--ray") is not None
        sweep = going_on(before, changed(before.settings, settings), options.over, rest, again)
    else:
        sweep = plan(options.over, rest, settings, also)
        folder = begin(root, sweep)
    left = sum(not trial.ended for trial in sweep.trials)
    say(f"{sweep.task}: {left} of {counted(len(sweep.trials), 'trials')} to train, in {shown(folder)}")
    progress = run_sweep(folder, sweep)
    conclude(progress)
    if not all(trial.ended for trial in progress.sweep.trials):
        say(f"stopped and saved; continue with:\n  tengen sweep --resume {shown(folder)}")
    return 0
