"""The players by name, as `tengen match` takes them. To add a kind, write a module and a line in `KINDS`.

random          uniform over the legal moves
uct:1000        search with random rollouts, 1,000 simulations per move; uct:2.5s, 2.5 seconds
policy:NAME     the policy of a network, without search
NAME, NAME:400  a network with search: a run, one of its RUN/models/step-… or RUN/checkpoints/step-…, a zoo name;
                NAME:2.5s thinks 2.5 seconds per move
gtp:COMMAND     a program that speaks GTP: gtp:"gnugo --mode gtp --level 10"; GNU Go with --capture-all-dead plays on
                until no dead stones are left, so that nothing has to be judged

Only `make_player` starts a program, and only for kinds marked so: code that reads names from a file must ask
`starts_program` first.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tengen.lookup import find

if TYPE_CHECKING:  # cheap to import: `--help` reads this
    from envs.boards.game import Game
    from selfplay.players.player import Player


class Kind(NamedTuple):
    make: str  # module:function of (name, what follows the colon, seat)
    example: str
    about: str
    starts_program: bool = False  # or runs code that does not belong to Tengen
    searches: bool = False  # it can say what it thinks of a position
    one_thread: bool = False  # calls to it happen one after the other


KINDS = {  # what stands before the colon; a name of no kind is a network's
    "random": Kind("selfplay.players.random:from_name", "random", "uniform over the legal moves"),
    "uct": Kind(
        "selfplay.players.named:uct_from_name",
        "uct:1000",
        "search with random rollouts, 1,000 simulations per move",
        searches=True,
    ),
    "policy": Kind("selfplay.players.policy:from_name", "policy:NAME", "a network's policy without search"),
    "gtp": Kind("selfplay.players.gtp:from_name", "gtp:'gnugo --mode gtp'", "a program that speaks GTP", True),
    "python": Kind(
        "selfplay.players.python:from_name",
        "python:my_player.py:Player",
        "a class or function of your own",
        starts_program=True,
        one_thread=True,
    ),
}
NETWORK = Kind(
    "selfplay.players.named:network_from_name",
    "NAME or NAME:400",
    "a run or zoo network with search; NAME:5s thinks 5 seconds",
    searches=True,
)


def described() -> str:
    """The possible names, for a help text."""
    return "; ".join(f"{kind.example} ({kind.about})" for kind in (*KINDS.values(), NETWORK))


def kind_of(name: str) -> Kind:
    return KINDS.get(name.partition(":")[0].strip().lower(), NETWORK)


def starts_program(name: str) -> bool:
    """Whether making the player `name` starts a program, or runs a user's file."""
    return kind_of(name).starts_program


def make_player(
    name: str,
    game: Game,
    boards: int,
    simulations: int,
    seed: int,
    runs: Path,
    *,
    seconds: float | None = None,
    clocked: bool = False,
    threads: int = 0,
    timeout: float = 60.0,
) -> Player:
    """The player called `name` in `game`, at up to `boards` boards at once. UserError if there is none.

    For the other arguments see `selfplay.players.player.Seat`.
    """
    from selfplay.players.player import Seat

    name = name.strip()
    seat = Seat(game, boards, simulations, seed, runs, seconds, clocked, threads, timeout)
    player: Player = find(kind_of(name).make)(name, name.partition(":")[2], seat)
    return player
