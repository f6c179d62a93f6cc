"""`tengen match A B`: which player is stronger, by how much, and how certain that is."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tengen.config import Count, Finite, Seconds, Whole
from tengen.options import Parser, number
from tengen.terminal import plain


def run(parser: Parser, args: list[str]) -> int:
    from selfplay.players.catalogue import described

    add, count = parser.add_argument, number(Count)
    add("first", help=described())
    add("second", help="the opponent, written the same way")
    add("--board", default="go9", metavar="GAME", help="go9, go19 …, connect4, tictactoe")
    add("--games", type=count, default=None, metavar="int", help="number of games, half with each colour (default: 20)")
    add("--rules", default="tromp-taylor", metavar="NAME", help="rule set of Go, see tengen games")
    add("--komi", type=number(Finite), default=None, metavar="float", help="default: the rules' own, 0.5 with handicap")
    add("--simulations", type=count, default=200, metavar="int", help="simulations per move, for networks")
    add("--seconds", type=number(Seconds), default=None, metavar="float", help="seconds per move, not simulations")
    add("--time", default="", metavar="TIME", help="clocks: 30m, 5m+10s, 5m+3x10s (byo-yomi), 5m+60s/15 (Canadian)")
    add("--handicap", type=number(Whole), default=0, metavar="int", help="stones for the second player, always Black")
    add("--opening", type=number(Whole), default=None, metavar="int", help="random opening moves per pair (default: 2)")
    add("--openings", default="", metavar="FILE", help="openings to play, one line of moves each, or SGF files")
    add("--sprt", type=number(Finite), nargs=2, metavar=("ELO0", "ELO1"), help="stop once a hypothesis is accepted")
    add("--boards", type=count, default=None, metavar="int", help="games in parallel (default: 8, 1 by time)")
    add("--timeout", type=number(Seconds), default=60.0, metavar="float", help="seconds until a program counts as hung")
    add("--seed", type=count, default=1, metavar="int", help="seed of openings and players")
    add("--out", default=None, metavar="FOLDER", help="folder for the games and the card; resumes a match saved there")
    add("--json", action="store_true", help="print the card as JSON")
    o = parser.parse_all(args)
    from envs.boards.catalogue import check_rules
    from selfplay.match_card import Match, MatchCard
    from selfplay.match_session import played_match

    def stopped(card: MatchCard) -> None:
        print("stopped: " + plain(card.describe()))
        if o.out:
            print("run the same command again to continue")

    match = Match(
        o.first,
        o.second,
        o.board,
        games=o.games or (4000 if o.sprt else 20),
        rules=o.rules,
        komi=o.komi,
        simulations=o.simulations,
        opening=o.opening if o.opening is not None else 0 if o.openings else 2,
        seed=o.seed,
        seconds=o.seconds,
        time=o.time,
        handicap=o.handicap,
        openings=o.openings,
        sprt=(o.sprt[0], o.sprt[1]) if o.sprt else None,
    )
    check_rules(o.board, o.rules, o.komi)
    card = played_match(
        match,
        boards=o.boards or (1 if match.by_time else 8),
        out=Path(o.out) if o.out else None,
        runs=Path(o.runs),
        timeout=o.timeout,
        stopped=stopped,
        say=lambda line: print(line, file=sys.stderr),
    )
    print(json.dumps(card.to_dict(), indent=2) if o.json else plain(card.describe()))
    if hint := "" if o.json else card.hint():
        print(f"  {hint}")
    return 0
