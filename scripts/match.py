"""`tengen match A B`: who is stronger, by how much, and how sure that is.

random          uniform over the legal moves
uct:1000        search with random rollouts, so many simulations a move
policy:NAME     the policy of a network, without search
NAME, NAME:400  a network with search: a run, one of its RUN/models/step-… or RUN/checkpoints/step-…, a zoo name
gtp:COMMAND     a program that speaks GTP: gtp:"gnugo --mode gtp --level 10"; GNU Go with --capture-all-dead plays on
                until nothing dead is left, so that nothing has to be judged
"""

from __future__ import annotations

import json
from pathlib import Path

from selfplay.match_card import Match, MatchCard
from selfplay.match_session import played_match
from selfplay.players.catalogue import starts_program


def match(wanted: Match, *, boards: int, out: Path | None, runs: Path, as_json: bool) -> int:
    """Play and print the result; the games and a card go into `out`."""

    def stopped(card: MatchCard) -> None:
        print("stopped: " + card.describe())
        if out is not None:
            print("the same command goes on from there")

    card = played_match(wanted, boards=boards, out=out, runs=runs, stopped=stopped)
    print(json.dumps(card.to_dict(), indent=2) if as_json else card.describe())
    if card.void and not as_json and any(starts_program(name) for name in wanted.names):
        print(
            "  a program refused moves that our rules allow: choose rules that it knows, for GNU Go --rules cgos and"
            " gtp:'gnugo --mode gtp --chinese-rules --positional-superko'"
        )
    return 0
