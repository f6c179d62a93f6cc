"""`tengen zoo`: the trained networks that come with Tengen; `--add` adds one."""

from __future__ import annotations

from pathlib import Path

from tengen.config import Count
from tengen.errors import UserError
from tengen.options import Parser, number


def run(parser: Parser, args: list[str]) -> int:
    parser.add_argument("--add", default=None, metavar="RUN", help="add the network of a run to the zoo")
    parser.add_argument("--name", default=None, metavar="NAME", help="its name in the zoo")
    parser.add_argument("--positions", default="", metavar="PATH", help="Connect 4: positions to test it on")
    parser.add_argument("--opponent", default="", metavar="PLAYER", help="Go: opponent to evaluate it against")
    parser.add_argument("--games", type=number(Count), default=0, metavar="int", help="Go and Atari: number of games")
    options = parser.parse_all(args)
    from tengen.listing import print_zoo

    if options.add:
        from supervised.shipping import ship
        from tengen.kinds import ShipOptions

        if not options.name:
            raise UserError("--add RUN needs --name NAME of letters, digits and dashes")
        measured = ShipOptions(Path(options.runs), options.positions, options.opponent, options.games)
        print(f"wrote {ship(options.add, options.name, measured)}")
    print_zoo()
    print("type next, for example:\n  tengen watch pong\n  tengen sample text-gpt --prompt ROMEO\n  tengen eval NAME")
    return 0
