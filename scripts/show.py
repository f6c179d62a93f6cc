"""`tengen show FILE`: print one position of a game record."""

from __future__ import annotations

from pathlib import Path

from tengen.config import Whole
from tengen.options import Parser, number
from tengen.terminal import plain


def run(parser: Parser, args: list[str]) -> int:
    parser.add_argument("file", help="an SGF file")
    after = "show the position after this many moves (default: all)"
    parser.add_argument("--move", type=number(Whole), default=None, metavar="int", help=after)
    options = parser.parse_all(args)
    from envs.go.show import show

    print(plain(show(Path(options.file), options.move)))
    return 0
