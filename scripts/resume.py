"""`tengen resume RUN`: continue a run exactly where it left off, or verify that resuming is exact."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.train import ended, say
from tengen.config import Count, Threads, kinds_of
from tengen.options import Parser, add_changes, number
from tengen.plural import counted
from tengen.settings import Common, Distributed


def run(parser: Parser, args: list[str]) -> int:
    parser.add_argument("run", help="a run's folder or name; `last` is the newest")
    parser.add_argument(
        "--verify", action="store_true", help="verify that resuming is exact: repeat from the second-to-last checkpoint"
    )
    parser.add_argument("--steps", type=number(Count), metavar="int", help="new total number of steps")
    parser.add_argument("--threads", type=number(Threads), metavar="int", help="new number of threads")
    for name, what in (("data", "the data"), ("records", "the game records")):
        parser.add_argument(f"--{name}", metavar="PATH", help=f"where {what} it learned from are now")
    parser.add_argument(
        "--outside",
        default=None,
        metavar="PLAYERS",
        help="self-play: external players; programs start only if you name them here again",
    )
    together = ("learners", "learner_gpus", "ray", "ray_no_token")
    workers = kinds_of(Distributed).keys() - kinds_of(Common).keys() | {*together}
    add_changes(
        parser,
        Distributed,
        [name for name in kinds_of(Distributed) if name in workers],
        "workers and learners, from now on",
    )
    options = parser.parse_all(args)
    changes = {name: getattr(options, name) for name in ("steps", "threads", "data", "records", *workers)}
    changes = {name: value for name, value in changes.items() if value is not None}
    typed = {name: getattr(options, name) for name in ("outside", "ray") if getattr(options, name) is not None}
    if "ray" in typed:  # the one goes with the other
        changes["ray_no_token"] = bool(options.ray_no_token)
    from tengen.description import Description
    from tengen.presenting import presenter
    from tengen.run import Run, known_run
    from tengen.session import resume
    from tengen.verifying import verify

    path = known_run(Path(options.runs), options.run)
    if not options.verify:
        if changes.get("learners", Description.of_run(Run.open(path)).settings.get("learners", 1)) > 1:
            from tengen.learners.workers import resume_together

            return ended(resume_together(path, changes, typed, sys.argv, say))
        return ended(resume(path, changes, typed, presenter(say), say))
    if wrong := verify(path, typed, say):
        print(f"NOT the same: {counted(len(wrong), 'differences')}, the first: {', '.join(wrong[:5])}")
        return 1
    print("the same, bit for bit: weights, optimiser, generators, metrics and the games in progress")
    return 0
