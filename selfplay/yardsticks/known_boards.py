"""`tengen eval` of a Go player on small boards with known value: does it reach the result of best play?

With best play Black wins by 1 point on 2x2, by 9 on 3x3, by 2 on 4x4 and by 25, the whole board, on 5x5 (area
scoring, see envs/go/rules.py). With a komi half a point below that value Black wins exactly by reaching it; with
half a point more White wins exactly by allowing no more. So the player

    plays both sides against itself with either komi: the value itself
    plays Black with the lower and White with the higher komi against search with random rollouts

all from the empty board, without an opening.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from envs.boards.catalogue import fair_komi, go_size, make_game
from envs.boards.game import Game
from selfplay.match import play_match
from selfplay.played import Played
from selfplay.players.catalogue import make_player
from tengen.device import Compute, cores
from tengen.display import Counter
from tengen.statistics import wilson

KNOWN = tuple(f"go{size}" for size in (2, 3, 4, 5))
_SIMULATIONS = 400  # a move, where a player's name says nothing else


@dataclass(frozen=True)
class BoardResult:
    """How a player did on one board."""

    value: float  # points that Black gets with best play
    against_itself: bool  # both sides reached it
    first_moves: list[str]
    reached_as_black: int  # games
    reached_as_white: int

    def describe(self, size: str, opponent: str, games_each_colour: int) -> str:
        alone = "reached" if self.against_itself else "NOT reached"
        return (
            f"{size}x{size}, value {self.value:+g}: {alone} against itself, first move"
            f" {' or '.join(sorted(set(self.first_moves)))}; against {opponent} reached in"
            f" {self.reached_as_black} of {games_each_colour} games with Black,"
            f" {self.reached_as_white} of {games_each_colour} with White"
        )


@dataclass(frozen=True)
class KnownBoardsCard:
    """How often a player reaches the result of best play, over several boards."""

    task: str
    player: str
    opponent: str
    rate: float  # of the games against the opponent
    ci95: tuple[float, float]
    games: int
    games_each_colour: int  # on each board
    boards: Mapping[str, BoardResult]  # size -> result
    seed: int
    command: str

    def describe(self) -> str:
        """A line a board."""
        lines = (found.describe(size, self.opponent, self.games_each_colour) for size, found in self.boards.items())
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        values = {"kind": "selfplay", "task": self.task, "protocol": "known boards"} | asdict(self)
        return values | {"ci95": list(self.ci95)}


def sizes_of(task: str, beside: str) -> list[int]:
    """The boards that a network of `task` learned; `beside` are the smaller ones, as `--sizes` has them."""
    return sorted(size for text in (task, *(f"go{s}" for s in beside.split(","))) if (size := go_size(text)))


def examine(
    name: str, runs: Path, task: str, sizes: list[int], games: int, opponent: str, seed: int
) -> KnownBoardsCard:
    """The card of the player `name`, which was trained for `task`, on square boards of these `sizes`.

    `games` with each colour against `opponent`; `name` and `opponent` as in a match, NAME:400 and uct:10000.
    """
    Compute(threads=cores()).start()
    shown = Counter(len(sizes) * (4 + 4 * games), "games")
    done = 0

    def finished(played: Played) -> None:
        nonlocal done
        done += 1
        shown(done)

    def play(one: str, other: str, game: Game, count: int) -> list[Played]:
        return _played((one, other), game, count, seed, runs, finished)

    boards: dict[str, BoardResult] = {}
    for size in sizes:
        value = fair_komi(f"go{size}")
        assert value is not None
        low, high = (make_game(f"go{size}", "cgos", value + half, threads=cores()) for half in (-0.5, 0.5))
        own_black, own_white = play(name, name, low, 2), play(name, name, high, 2)
        as_black = [g.for_first for g in play(name, opponent, low, 2 * games) if g.first_is_black]
        as_white = [g.for_first for g in play(name, opponent, high, 2 * games) if not g.first_is_black]
        boards[str(size)] = BoardResult(
            value=value,
            against_itself=all(g.result == 1 for g in own_black) and all(g.result == -1 for g in own_white),
            first_moves=[low.action_name(g.actions[0]) for g in own_black],
            reached_as_black=as_black.count(1),
            reached_as_white=as_white.count(1),
        )
    shown.end()
    total = 2 * games * len(sizes)
    rate = sum(found.reached_as_black + found.reached_as_white for found in boards.values()) / total
    return KnownBoardsCard(
        task=task,
        player=name,
        opponent=opponent,
        rate=rate,
        ci95=wilson(rate, total),
        games=total,
        games_each_colour=games,
        boards=boards,
        seed=seed,
        command=f"tengen eval {name.rpartition(':')[0]} --episodes {games} --seed {seed}",
    )


def _played(
    names: tuple[str, str], game: Game, games: int, seed: int, runs: Path, finished: Callable[[Played], None]
) -> list[Played]:
    boards = min(32, games)
    first, second = (make_player(who, game, boards, _SIMULATIONS, seed + k, runs) for k, who in enumerate(names))
    return play_match(game, first, second, games, boards=boards, opening=0, seed=seed, finished=finished)
