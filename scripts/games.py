"""`tengen games`: the board games, and the rule sets of Go."""

from __future__ import annotations

from tengen.options import Parser
from tengen.tables import print_table


def run(parser: Parser, args: list[str]) -> int:
    parser.parse_all(args)
    from envs.boards.catalogue import describe_games
    from envs.go.rules import describe_rules

    for head, *rows in (describe_games(), describe_rules()):
        print_table(head, rows)
        print()
    print("type next:\n  tengen show FILE.sgf --move 57")
    return 0
