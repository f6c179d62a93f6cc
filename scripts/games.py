"""`tengen games`: the board games, and the rule sets of Go."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from tengen.options import Parser


def run(parser: Parser, args: list[str]) -> int:
    parser.parse_all(args)
    from envs.boards.catalogue import describe_games
    from envs.go.rule_sets import describe_rules

    console = Console(highlight=False)
    for head, *rows in (describe_games(), describe_rules()):
        table = Table(box=None, header_style="bold")
        for column in head:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*row)
        console.print(table)
        console.print()
    print("type next:\n  tengen show FILE.sgf --move 57")
    return 0
