"""`tengen eval PLAYER`: the score card of a run or of a zoo network."""

from __future__ import annotations

import json
from pathlib import Path

from tengen.config import Amount, Count
from tengen.errors import unknown
from tengen.options import Parser, add_former_name, number
from tengen.terminal import plain


def run(parser: Parser, args: list[str]) -> int:
    add = parser.add_argument
    count = number(Count)
    add("player", help="a run, or a name from `tengen zoo`")
    add("--protocol", default="sticky", metavar="sticky|classic", help="Atari evaluation protocol")
    add("--episodes", type=count, metavar="int", help="number of games (default 30; small Go boards: 2 per colour)")
    add("--seed", type=count, default=1000, metavar="int", help="seed of the first game")
    policy = "policy temperature: 1 samples as trained, 0 takes the most probable action"
    add("--temperature", type=number(Amount), default=0.5, metavar="float", help=policy)
    add("--json", action="store_true", help="print the card as JSON")
    add("--data", default="", metavar="PATH", help="pictures to test a zoo classifier on")
    add("--records", default="", metavar="PATH", help="game records to test a Go network from the zoo on")
    add_former_name(parser, "games", "records", str)
    add("--positions", default="", metavar="PATH", help="Connect 4: file or folder of positions (default: random)")
    add("--simulations", type=count, default=400, metavar="int", help="board games: simulations per move")
    meets = "self-play: play the run's rated networks against this player (as in tengen match)"
    add("--against", default="", metavar="PLAYER", help=meets)
    add("--networks", type=count, default=6, metavar="int", help="with --against: number of networks")
    o = parser.parse_all(args)
    if o.protocol not in ("sticky", "classic"):
        raise unknown("protocol", o.protocol, ("sticky", "classic"))
    from tengen.kinds import EvalOptions, kind_named
    from tengen.zoo import resolve

    options = EvalOptions(
        runs=Path(o.runs),
        protocol=o.protocol,
        episodes=o.episodes or 0,
        seed=o.seed,
        temperature=o.temperature,
        data=o.data,
        records=o.records,
        positions=o.positions,
        simulations=o.simulations,
        against=o.against,
        networks=o.networks,
    )
    named = resolve(o.player, options.runs)
    report = kind_named(named.kind).evaluate(named, options, lambda text: print(text, flush=True))
    if o.json:
        cards = [card.to_dict() for card in report.cards]
        print(json.dumps(cards if report.listed else cards[0], indent=2))
        return 0
    if not report.listed:  # listed cards have been printed as they came
        print(plain("\n".join(card.describe() for card in report.cards)))
    if report.next:
        print("\n  ".join(["type next:", *report.next]))
    return 0
