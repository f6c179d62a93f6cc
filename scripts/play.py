"""`tengen play`: play at a board in the browser."""

from __future__ import annotations

from pathlib import Path

from tengen.config import Finite, Port
from tengen.options import Parser, number


def run(parser: Parser, args: list[str]) -> int:
    from selfplay.players.catalogue import described

    add = parser.add_argument
    add("player", nargs="?", default="", help=described() + "; default: the network that comes with Tengen")
    add("--board", default="go9", metavar="GAME", help="go9, go19 …, connect4, tictactoe")
    add("--rules", default="tromp-taylor", metavar="NAME", help="rule set of Go, see tengen games")
    add("--komi", type=number(Finite), default=None, metavar="float", help="default: the rules' own")
    add("--you", default="black", metavar="SIDE", help="your side: black, white, both or watch")
    add(
        "--port",
        type=number(Port),
        default=None,
        metavar="int",
        help="default: 8361, or the next free one",
    )
    add(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="address to listen on; any other than the default needs a token",
    )
    add("--no-open", action="store_true", help="do not open a browser")
    o = parser.parse_all(args)
    from selfplay.board.options import BoardOptions, check

    options = BoardOptions(o.player, o.board, o.rules, o.komi, o.you, Path(o.runs))
    check(options)  # before the imports below, which take seconds
    from selfplay.board.app import serve

    serve(options, o.host, o.port, show=not o.no_open)
    return 0
