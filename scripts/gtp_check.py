"""`tengen gtp-check "COMMAND"`: test whether an engine conforms to GTP; one line per test."""

from __future__ import annotations

import json

from tengen.config import Seconds
from tengen.options import Parser, number


def run(parser: Parser, args: list[str]) -> int:
    """Exit status 0 if no mandatory test failed, else 1."""
    add = parser.add_argument
    add("command", help="the engine's command, in quotes")
    add("--only", default="", metavar="GROUPS", help="some of protocol,board,games,clocks (default: all)")
    add("--timeout", type=number(Seconds), default=30.0, metavar="float", help="seconds to wait for an answer")
    add("--json", action="store_true", help="print the results as JSON")
    o = parser.parse_all(args)
    from selfplay.gtp.check.examine import examine, summary

    groups = [name.strip() for name in o.only.split(",") if name.strip()]
    results = examine(o.command, o.timeout, groups, lambda r: None if o.json else print(r.line(), flush=True))
    print(json.dumps([r._asdict() for r in results], indent=2) if o.json else summary(results))
    return int(any(r.outcome == "FAIL" for r in results))
