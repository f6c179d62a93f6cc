"""What a match is, and the card of its result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from envs.boards.game import Game
from selfplay.match import Played, tally
from selfplay.players.catalogue import starts_program
from tengen.display import duration


@dataclass(frozen=True)
class Match:
    """Who plays whom, what, how often."""

    first: str
    second: str
    task: str
    games: int = 20
    rules: str = "tromp-taylor"
    komi: float | None = None
    simulations: int = 200
    opening: int = 2
    seed: int = 1

    @property
    def names(self) -> tuple[str, str]:
        return self.first, self.second


@dataclass(frozen=True)
class MatchCard:
    """The score of a match, as its first player sees it, and what was played."""

    task: str
    first: str
    second: str
    first_name: str
    second_name: str
    games: int
    wins: int
    draws: int
    losses: int
    void: int  # without a result
    rate: float  # a draw counts as half a win
    ci95: tuple[float, float]
    wins_as_black: tuple[int, int]  # wins, games
    ended_by: Mapping[str, int]
    simulations: int
    opening_moves: int
    seed: int
    seconds: float
    agreed: Mapping[str, Any]  # komi, rules of ko, …: what the game's players agree on beforehand

    def describe(self) -> str:
        """Two lines."""
        low, high = self.ci95
        ends = ", ".join(f"{n} by {why}" for why, n in sorted(self.ended_by.items(), key=lambda item: -item[1])[:4])
        return (
            f"{self.first} against {self.second} ({self.task}): {self.wins} won, {self.draws} drawn,"
            f" {self.losses} lost{', ' + str(self.void) + ' without result' if self.void else ''}\n"
            f"  {self.rate:.1%} [{low:.1%}, {high:.1%}] of {self.games} games; with Black"
            f" {self.wins_as_black[0]} of {self.wins_as_black[1]}; ended: {ends}; {duration(self.seconds)}"
        )

    def hint(self) -> str:
        """What to do about games without a result; empty where nothing is to be done."""
        if not self.void or not any(starts_program(name) for name in (self.first, self.second)):
            return ""
        return (
            "a program refused moves that our rules allow: choose rules that it knows, for GNU Go --rules cgos and"
            " gtp:'gnugo --mode gtp --chinese-rules --positional-superko'"
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        values = {name: value for name, value in asdict(self).items() if name != "agreed"}
        values |= {"ci95": list(self.ci95), "wins_as_black": list(self.wins_as_black)}
        return {"kind": "match"} | values | dict(self.agreed)


def card_of(match: Match, game: Game, done: Sequence[Played], names: tuple[str, str], seconds: float) -> MatchCard:
    """The card of the games `done`; `names` are what the players call themselves."""
    found = tally(done)
    return MatchCard(
        task=game.name,
        first=match.first,
        second=match.second,
        first_name=names[0],
        second_name=names[1],
        games=found.games,
        wins=found.wins,
        draws=found.draws,
        losses=found.losses,
        void=found.void,
        rate=found.rate,
        ci95=found.interval,
        wins_as_black=found.as_black,
        ended_by=dict(Counter(played.why for played in done)),
        simulations=match.simulations,
        opening_moves=match.opening,
        seed=match.seed,
        seconds=round(seconds, 1),
        agreed=dict(game.can.agreed),
    )
