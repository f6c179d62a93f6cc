"""`tengen gtp PLAYER`: a player as a GTP engine, for Sabaki, GoGui, Lizzie, KGS and other clients."""

from __future__ import annotations

from pathlib import Path

from tengen.config import Amount, Count, Finite, Fraction, Seconds
from tengen.options import Parser, number


def run(parser: Parser, args: list[str]) -> int:
    from selfplay.players.catalogue import described

    add, count = parser.add_argument, number(Count)
    add("player", help=described())
    add("--board", default=None, metavar="GAME", help="board until the client sets another: go9, go19 …")
    add("--rules", default="tromp-taylor", metavar="NAME", help="rule set until the client sets another")
    add("--komi", type=number(Finite), default=None, metavar="float", help="default: the rules' own")
    add("--simulations", type=count, default=None, metavar="int", help="most simulations per move")
    add("--seconds", type=number(Seconds), default=None, metavar="float", help="most seconds per move (5 if no limit)")
    add("--ponder", action="store_true", help="think on the opponent's time")
    add("--resign", type=number(Fraction), default=0.05, metavar="float", help="resign below this win rate; 0: never")
    add("--lag", type=number(Amount), default=0.3, metavar="float", help="clock seconds per move kept in reserve")
    add("--seed", type=count, default=1, metavar="int", help="seed of the player")
    add("--override-name", default=None, metavar="TEXT", help="name to report to clients that expect a known program")
    add("--override-version", default=None, metavar="TEXT", help="version to report, for example 0.17 for Lizzie")
    o = parser.parse_all(args)
    from selfplay.gtp.desk import Settings
    from selfplay.gtp.session import agreement_of, first_size, serve_standard_streams

    runs = Path(o.runs)
    settings = Settings(
        player=o.player.strip(),
        size=first_size(o.board, o.player.strip(), runs),
        agreement=agreement_of(o.rules, o.komi),
        runs=runs,
        simulations=o.simulations,
        seconds=o.seconds,
        ponder=o.ponder,
        resign=o.resign,
        lag=o.lag,
        seed=o.seed,
        name=o.override_name,
        version=o.override_version,
    )
    serve_standard_streams(settings)
    return 0
