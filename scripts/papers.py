"""`tengen papers [NAME]`: the reading list, or one of its rows."""

from __future__ import annotations

import json
from itertools import groupby

from tengen.options import Parser
from tengen.papers import NOT_YET, find_paper, reading_list
from tengen.plural import counted
from tengen.tables import print_table


def run(parser: Parser, args: list[str]) -> int:
    parser.add_argument("name", nargs="?", default="", help="one row in full: summary, file, command")
    parser.add_argument("--theme", default="", metavar="THEME", help="only rows on this theme")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_all(args)
    if options.name:
        paper = find_paper(options.name)
        print(json.dumps(paper.row(), indent=2) if options.json else paper.describe())
        return 0
    rows = reading_list(options.theme)
    if options.json:
        print(json.dumps([row.row() for row in rows], indent=2))
        return 0
    columns = ("name", "paper", "level", "idea", "ours", "published")
    for theme, group in groupby(rows, lambda row: row.theme):
        print(f"{theme.upper()}")
        cells = [(r.name, f"{r.authors} {r.year}", r.level, r.idea, r.result or NOT_YET, r.published) for r in group]
        told = [i for i, column in enumerate(zip(*cells, strict=True)) if any(column)]  # some have no published figures
        print_table([columns[i] for i in told], [[row[i] for i in told] for row in cells])
        print()
    print(f"{counted(len(rows), 'rows')}; type next:\n  tengen papers {rows[0].name}")
    return 0
