"""Whole games of our engine against GNU Go and Pachi: both colours, three sizes, handicap, every kind of clock.

    python -m tests.selfplay.gtp.many_games --pachi FOLDER/start --out docs/results/selfplay/gtp-games.json

Half an hour on two cores. No game may be lost through protocol errors or time; if both score alike, the counts agree.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from selfplay.gtp.clock import TimeSystem
from tests.selfplay.gtp.referee import NO_CLOCK, Terms, play_game
from tests.selfplay.gtp.talking import command

GNUGO = "gnugo --mode gtp --level 1 --chinese-rules --positional-superko"
NETWORKS = {9: "go9-alphazero", 13: "go19-policy", 19: "go19-policy"}
SECONDS = {9: 15.0, 13: 30.0, 19: 60.0}  # main time


def clocks(size: int) -> list[TimeSystem]:
    main = SECONDS[size]
    return [
        NO_CLOCK,
        TimeSystem("absolute", main),
        TimeSystem("canadian", main / 5, 10.0, 10),
        TimeSystem("byoyomi", main / 5, 1.0, 3),
        TimeSystem("fischer", main / 5, 1.0),
    ]


def all_terms(sizes: list[int]) -> Iterator[Terms]:
    for size in sizes:
        for clock in clocks(size):
            yield Terms(size, clock=clock)
        yield Terms(size, handicap=2, clock=clocks(size)[1])
        yield Terms(size, handicap=4)
        yield Terms(size, handicap=3, free=True)


def played(opponents: dict[str, str], sizes: list[int]) -> Iterator[dict[str, Any]]:
    """One row per game; colours alternate."""
    for name, program in opponents.items():
        for terms, we_are_black in zip(all_terms(sizes), itertools.cycle((True, False)), strict=False):
            simulations = ["--simulations", "50"] if terms.clock == NO_CLOCK else []
            ours = command(NETWORKS[terms.size], "--rules", "chinese", *simulations)
            game = play_game((ours, program) if we_are_black else (program, ours), terms)
            yield {
                "opponent": name,
                "we_are": "black" if we_are_black else "white",
                "size": terms.size,
                "handicap": terms.handicap,
                "clock": asdict(terms.clock),
                **asdict(game),
            }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pachi", default="", help="Pachi's command without options")
    parser.add_argument("--sizes", default="9,13,19")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    opponents = (
        {"GNU Go 3.8 level 1": GNUGO} if shutil.which("gnugo", path="/usr/games:/usr/bin:/usr/local/bin") else {}
    )
    if options.pachi:
        opponents["Pachi, 500 playouts"] = f"{options.pachi} -t =500 threads=1"
    rows = []
    for row in played(opponents, [int(size) for size in options.sizes.split(",")]):
        rows.append(row)
        print(
            row["opponent"], row["size"], row["clock"]["kind"], row["we_are"], row["result"], row["wrong"], flush=True
        )
        options.out.write_text(json.dumps({"games": rows}, indent=1) + "\n")
    print(f"{len(rows)} games, {sum(bool(r['wrong']) for r in rows)} went wrong")


if __name__ == "__main__":
    main()
