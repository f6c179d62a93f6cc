"""`tengen eval` of a Go player of small boards whose value is known: does it get what best play gives?

With best play Black wins by 1 point on 2x2, by 9 on 3x3, by 2 on 4x4 and by 25, the whole board, on 5x5 (area
scoring, see envs/go/rules.py). With a komi half a point below that value Black wins exactly by reaching it; with
half a point more White wins exactly by allowing no more. So the player

    plays both sides against itself with either komi: the value itself
    plays Black with the lower and White with the higher komi against search with random rollouts

all from the empty board, without an opening.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from envs.boards.catalogue import make_game
from envs.boards.game import Game
from envs.go.rule_sets import BEST_PLAY
from selfplay.match import Played, play_match
from selfplay.players.catalogue import make_player
from tengen.device import Compute, cores
from tengen.display import Counter
from tengen.statistics import wilson

KNOWN = tuple(f"go{size}" for size in (2, 3, 4, 5))


def sizes_of(about: dict[str, Any]) -> list[int]:
    """The boards that a network learned, from its run's configuration or its card."""
    further = about.get("config", about).get("sizes", "")
    return sorted(int(size) for size in (about["task"][2:], *further.split(",")) if size)


def examine(name: str, runs: Path, task: str, sizes: list[int], games: int, opponent: str, seed: int) -> dict[str, Any]:
    """The card of the player `name`, which was trained for `task`, on square boards of these `sizes`.

    `games` with each colour against `opponent`; `name` and `opponent` as in a match, NAME:400 and uct:10000.
    """
    Compute(threads=cores()).start()
    shown = Counter(len(sizes) * (4 + 4 * games), "games")
    done = 0

    def hear(played: Played) -> None:
        nonlocal done
        done += 1
        shown(done)

    boards: dict[str, Any] = {}
    for size in sizes:
        reached = {}
        for side, komi in (("black", BEST_PLAY[size] - 0.5), ("white", BEST_PLAY[size] + 0.5)):
            game = make_game(f"go{size}", "cgos", komi, threads=cores())
            alone = _played(name, name, game, 2, seed, runs, hear)
            against = _played(name, opponent, game, 2 * games, seed, runs, hear)
            reached[side] = (alone, [g.for_first for g in against if g.first_is_black == (side == "black")])
        own_black, own_white = reached["black"][0], reached["white"][0]
        first = [game.action_name(g.actions[0]) for g in own_black]
        boards[str(size)] = {
            "value": BEST_PLAY[size],
            "against_itself": all(g.result == 1 for g in own_black) and all(g.result == -1 for g in own_white),
            "first_moves": first,
            "reached_as_black": sum(r == 1 for r in reached["black"][1]),
            "reached_as_white": sum(r == 1 for r in reached["white"][1]),
        }
    shown.end()
    total = 2 * games * len(sizes)
    rate = sum(found["reached_as_black"] + found["reached_as_white"] for found in boards.values()) / total
    command = f"tengen eval {name.rpartition(':')[0]} --episodes {games} --seed {seed}"
    return {
        "kind": "selfplay",
        "task": task,
        "protocol": "known boards",
        "player": name,
        "opponent": opponent,
        "rate": rate,
        "ci95": list(wilson(rate, total)),
        "games": total,
        "games_each_colour": games,
        "boards": boards,
        "seed": seed,
        "command": command,
    }


def _played(one: str, other: str, game: Game, games: int, seed: int, runs: Path, hear: Any) -> list[Played]:
    boards = min(32, games)
    first, second = (make_player(who, game, boards, 400, seed + k, runs) for k, who in enumerate((one, other)))
    return play_match(game, first, second, games, boards=boards, opening=0, seed=seed, finished=hear)


def describe(card: dict[str, Any]) -> str:
    """The card, a line a board."""
    lines = []
    for size, found in card["boards"].items():
        alone = "reached" if found["against_itself"] else "NOT reached"
        lines.append(
            f"{size}x{size}, value {found['value']:+g}: {alone} against itself, first move"
            f" {' or '.join(sorted(set(found['first_moves'])))}; against {card['opponent']} reached in"
            f" {found['reached_as_black']} of {card['games_each_colour']} games with Black,"
            f" {found['reached_as_white']} of {card['games_each_colour']} with White"
        )
    return "\n".join(lines)
