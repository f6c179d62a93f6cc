"""`tengen rate A B C …`, `tengen rate RUN`: rate players, in Elo with intervals."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tengen.config import Amount, Count, Finite, Seconds, Whole
from tengen.options import Parser, number
from tengen.plural import counted
from tengen.terminal import plain


def run(parser: Parser, args: list[str]) -> int:
    from selfplay.players.catalogue import described

    add, count = parser.add_argument, number(Count)
    add("players", nargs="+", metavar="PLAYER", help=f"{described()}; a run alone: its rated networks")
    add("--with", dest="others", action="append", default=[], metavar="PLAYER", help="opponent for the run's networks")
    add("--networks", type=count, default=8, metavar="int", help="networks of a run, evenly spaced")
    add("--board", default="go9", metavar="GAME", help="go9, go19 …, connect4, tictactoe; for a run: its own")
    add("--games", type=count, default=40, metavar="int", help="games per player on average; or per pair")
    add("--round-robin", action="store_true", help="every pair plays --games games")
    add("--within", type=number(Amount), default=None, metavar="ELO", help="stop once every interval is within ±ELO")
    add("--rules", default="tromp-taylor", metavar="NAME", help="rule set of Go, see tengen games")
    add("--komi", type=number(Finite), default=None, metavar="float", help="default: the rules' own")
    add("--simulations", type=count, default=200, metavar="int", help="simulations per move, for networks")
    add("--seconds", type=number(Seconds), default=None, metavar="float", help="seconds per move, not simulations")
    add("--opening", type=number(Whole), default=2, metavar="int", help="random opening moves of each pair of games")
    add("--boards", type=count, default=None, metavar="int", help="games in parallel (default: 8, 1 by time)")
    add("--timeout", type=number(Seconds), default=60.0, metavar="float", help="seconds until a program counts as hung")
    add("--seed", type=count, default=1, metavar="int", help="seed of openings and players")
    add("--out", default=None, metavar="FOLDER", help="folder for the results (default: ratings/GAME, RUN/ratings)")
    add("--json", action="store_true", help="print the ratings as JSON")
    o = parser.parse_all(args)
    from envs.boards.catalogue import check_rules
    from selfplay.match_card import Match
    from selfplay.rating.card import HEAD, RatingsCard
    from selfplay.rating.session import Plan, networks_of, rated
    from tengen.tables import print_table

    terms = Match(
        "", "", o.board, 1, o.rules, o.komi, o.simulations, o.opening, o.seed, seconds=o.seconds
    )  # whose players and number of games do not count
    out = Path("ratings") / o.board
    if len(o.players) == 1:
        plan = Plan(tuple(o.others), terms, o.games, o.within, o.round_robin)
        plan, folder = networks_of(plan, o.players[0], o.networks, Path(o.runs))
        out = folder / "ratings"
    else:
        check_rules(o.board, o.rules, o.komi)
        plan = Plan((*o.players, *o.others), terms, o.games, o.within, o.round_robin)
    out = Path(o.out) if o.out else out

    def stopped(card: RatingsCard) -> None:
        print("stopped; so far:\n" + plain(card.describe()) + "\nrun the same command again to continue")

    card = rated(
        plan,
        out=out,
        boards=o.boards,
        runs=Path(o.runs),
        timeout=o.timeout,
        stopped=stopped,
        say=lambda line: print(line, file=sys.stderr, flush=True),
    )
    if o.json:
        print(json.dumps(card.to_dict(), indent=2))
        return 0
    print_table(HEAD, card.rows(), HEAD[2:])
    print(
        f"{counted(card.games, 'games')}; moving first is worth {card.advantage:+.0f} Elo; wrote {out / 'ratings.png'}"
    )
    best = card.players[0].name
    print(f'type next:\n  tengen match "{best}" uct:1000 --board {card.task}')
    return 0
