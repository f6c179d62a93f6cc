"""`tengen runs`: list the runs folder."""

from __future__ import annotations

from pathlib import Path

from tengen.options import Parser


def run(parser: Parser, args: list[str]) -> int:
    options = parser.parse_all(args)
    from tengen.listing import print_runs

    if not print_runs(Path(options.runs)):
        print(f"no runs in {options.runs}; start one with: tengen train pong")
    return 0
