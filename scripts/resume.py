"""`tengen resume RUN`: go on with a run exactly where it was, or prove that this is exact."""

from __future__ import annotations

from pathlib import Path

from scripts.train import ended, present, say
from tengen.config import Count
from tengen.options import Parser, number


def run(parser: Parser, args: list[str]) -> int:
    parser.add_argument("run", help="a run's folder or name; `last` is the newest")
    parser.add_argument(
        "--verify", action="store_true", help="prove exactness: repeat from the last checkpoint but one"
    )
    parser.add_argument("--steps", type=number(Count), default=0, metavar="int", help="another end of the training")
    parser.add_argument("--threads", type=number(Count), default=0, metavar="int", help="another number of threads")
    parser.add_argument(
        "--outside",
        default=None,
        metavar="PLAYERS",
        help="self-play: players from outside; programs are started only if they are typed here again",
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
    print("the same, bit for bit: weights, optimiser, generators, metrics and whatever was being played")
    return 0
