"""`tengen new`: make the folder of a new project from a template."""

from __future__ import annotations

import argparse
from typing import Any

from tengen.errors import UserError
from tengen.options import Parser

_WHAT = ("capstone-supervised", "capstone-rl", "bughunt")


def run(parser: Parser, args: list[str]) -> int:
    parser.add_argument("what", choices=_WHAT, help="what to make: " + ", ".join(_WHAT), metavar="WHAT")
    parser.add_argument("name", nargs="?", default="", help="folder to create (bughunt: default bughunt)")
    parser.add_argument("--idea", default="blank", metavar="IDEA", help="topic of the project (see --ideas)")
    parser.add_argument("--ideas", action=_Ideas, nargs=0, help="list the ideas")
    options = parser.parse_all(args)
    if options.what == "bughunt":
        if options.idea != "blank":
            raise UserError("--idea is for capstones; leave it out for bughunt")
        from capstones.bughunt import make as hunt

        folder = hunt(options.name or "bughunt")
        print(f"made {folder}; type next:\n  cd {folder} && cat README.md")
        return 0
    if not options.name:
        raise UserError(f"a project needs a name: tengen new {options.what} NAME --idea {options.idea}")
    from capstones.new import make

    folder = make(options.what.removeprefix("capstone-"), options.name, options.idea)
    print(f"made {folder}: read {folder}/README.md, fill PROPOSAL.md, then replace the stubs in parts/; type next:")
    print(f"  tengen check {folder} --quick\n  cd {folder} && python -m pytest -rs")
    return 0


class _Ideas(argparse.Action):
    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:
        from capstones.catalogue import describe
        from tengen.tables import print_table

        head, *rows = describe()
        print_table(head, rows)
        print("\ntype next:\n  tengen new capstone-supervised my-digits --idea digits")
        parser.exit()
