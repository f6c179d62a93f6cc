"""`tengen resume RUN`: continue a run exactly where it was, or verify that resuming is exact."""

from __future__ import annotations

from pathlib import Path

from scripts.train import ended, present, say
from tengen.config import Count
from tengen.options import Parser, number


def run(parser: Parser, args: list[str]) -> int:
    parser.add_argument("run", help="a run's folder or name; `last` is the newest")
    parser.add_argument(
        "--verify", action="store_true", help="verify exactness: repeat from the second-to-last checkpoint"
    )
    parser.add_argument("--steps", type=number(Count), default=0, metavar="int", help="new total number of steps")
    parser.add_argument("--threads", type=number(Count), default=0, metavar="int", help="new number of threads")
    parser.add_argument(
        "--outside",
        default=None,
        metavar="PLAYERS",
        help="self-play: external players; programs are started only if they are given here again",
    )
    options = parser.parse_all(args)
    from tengen.run import known_run
    from tengen.session import resume, verify

    path = known_run(Path(options.runs), options.run)
    if not options.verify:
        typed = {} if options.outside is None else {"outside": options.outside}
        return ended(resume(path, options.steps, options.threads, typed, present, say))
    if wrong := verify(path, say):
        print(f"NOT the same: {len(wrong)} differences, the first: {', '.join(wrong[:5])}")
        return 1
    print("the same, bit for bit: weights, optimiser, generators, metrics and the games in progress")
    return 0
