"""`tengen match A B`: who is stronger, by how much, and how sure that is."""

from __future__ import annotations

import json
from pathlib import Path

from tengen.config import Count, Finite, Whole
from tengen.options import Parser, number


def run(parser: Parser, args: list[str]) -> int:
    from selfplay.players.catalogue import described

    add, count = parser.add_argument, number(Count)
    add("first", help=described())
    add("second", help="like the first")
    add("--board", default="go9", metavar="GAME", help="go9, go19 …, connect4, tictactoe")
    add("--games", type=count, default=20, metavar="int", help="half of them with each colour")
    add("--rules", default="tromp-taylor", metavar="NAME", help="rule set of Go, see tengen games")
    add("--komi", type=number(Finite), default=None, metavar="float", help="default: the rules' own")
    add("--simulations", type=count, default=200, metavar="int", help="per move, for networks")
    add("--opening", type=number(Whole), default=2, metavar="int", help="random opening moves of each pair of games")
    add("--boards", type=count, default=8, metavar="int", help="games played at the same time")
    add("--seed", type=count, default=1, metavar="int", help="seed of openings and players")
    add("--out", default=None, metavar="FOLDER", help="folder for games and card; resumes a match kept there")
    add("--json", action="store_true", help="print the card as JSON")
    o = parser.parse_all(args)
    from selfplay.match_card import Match, MatchCard
    from selfplay.match_session import played_match

    def stopped(card: MatchCard) -> None:
        print("stopped: " + card.describe())
        if o.out:
            print("run the same command again to continue")

    match = Match(o.first, o.second, o.board, o.games, o.rules, o.komi, o.simulations, o.opening, o.seed)
    out = Path(o.out) if o.out else None
    card = played_match(match, boards=o.boards, out=out, runs=Path(o.runs), stopped=stopped)
    print(json.dumps(card.to_dict(), indent=2) if o.json else card.describe())
    if hint := "" if o.json else card.hint():
        print(f"  {hint}")
    return 0
