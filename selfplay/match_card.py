"""The description of a match, and the card of its result."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from envs.boards.game import Game
from selfplay.played import FORFEITS, Played, tally
from selfplay.rating.difference import elo_interval, elo_of
from tengen.display import duration

_LATER = {"seconds": None, "time": "", "handicap": 0, "openings": ""}  # settings that older matches do not name


@dataclass(frozen=True)
class Match:
    """The players, the game, the number of games and the terms."""

    first: str
    second: str
    task: str
    games: int = 20
    rules: str = "tromp-taylor"
    komi: float | None = None
    simulations: int = 200
    opening: int = 2
    seed: int = 1
    seconds: float | None = None  # a move, for whoever searches and whose name says nothing else
    time: str = ""  # the time control, see selfplay/clock.py
    handicap: int = 0  # stones that the second player, who then always has Black, begins with
    openings: str = ""  # a file or folder of them
    sprt: tuple[float, float] | None = None  # two Elo differences: the match ends when one is accepted

    @property
    def names(self) -> tuple[str, str]:
        return self.first, self.second

    @property
    def by_time(self) -> bool:
        """Whether what is played depends on how fast this machine is."""
        return self.seconds is not None or self.time != "" or any(re.search(r":[\d.]+s$", n) for n in self.names)

    def description(self) -> dict[str, Any]:
        """What two sittings of one match have in common: it may get longer."""
        values = {name: value for name, value in asdict(self).items() if name not in ("games", "sprt")}
        return {name: value for name, value in values.items() if name not in _LATER or value != _LATER[name]}


@dataclass(frozen=True)
class MatchCard:
    """The score of a match, from its first player's point of view, and what was played."""

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
    elo: float  # by which the first player is stronger
    elo_ci95: tuple[float, float]
    wins_as_black: tuple[int, int]  # wins, games
    ended_by: Mapping[str, int]
    forfeits: tuple[str, ...]  # games that were lost by something else than play, and why
    simulations: int
    opening_moves: int
    seed: int
    seconds: float
    agreed: Mapping[str, Any]  # komi, rules of ko, …: what the game's players agree on beforehand
    terms: Mapping[str, Any]  # handicap, time, …, where they are not the usual ones
    sprt: str = ""  # how the test ended, or stands

    def describe(self) -> str:
        """A few lines."""
        low, high = self.ci95
        ends = ", ".join(f"{n} by {why}" for why, n in sorted(self.ended_by.items(), key=lambda item: -item[1])[:4])
        text = (
            f"{self.first} against {self.second} ({self.task}): {self.wins} won, {self.draws} drawn,"
            f" {self.losses} lost{', ' + str(self.void) + ' without result' if self.void else ''}\n"
            f"  {self.rate:.1%} [{low:.1%}, {high:.1%}] of {self.games} games; with Black"
            f" {self.wins_as_black[0]} of {self.wins_as_black[1]}; ended: {ends}; {duration(self.seconds)}"
        )
        if self.games:
            text += f"\n  {self.elo:+.0f} Elo [{self.elo_ci95[0]:+.0f}, {self.elo_ci95[1]:+.0f}]"
        if self.sprt:
            text += f"\n  {self.sprt}"
        return text

    def hint(self) -> str:
        """What to do about games without a result; empty where nothing is to be done."""
        if "refusal" not in self.ended_by:
            return ""
        return (
            "a program refused moves that our rules allow: choose rules that it knows, for GNU Go --rules cgos and"
            " gtp:'gnugo --mode gtp --chinese-rules --positional-superko'"
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        values = {name: value for name, value in asdict(self).items() if name not in ("agreed", "terms")}
        for name in ("ci95", "elo_ci95", "wins_as_black", "forfeits"):
            values[name] = list(values[name])
        return {"kind": "match"} | values | dict(self.agreed) | dict(self.terms)


def card_of(
    match: Match, game: Game, done: Sequence[Played], names: tuple[str, str], seconds: float, sprt: str = ""
) -> MatchCard:
    """The card of the games `done`; `names` are what the players call themselves."""
    found = tally(done)
    low, high = elo_interval(found.wins, found.draws, found.losses)
    lost = [told(played, names) for played in sorted(done, key=lambda g: g.number) if played.why in FORFEITS]
    terms = {name: getattr(match, name) for name in _LATER if getattr(match, name) != _LATER[name]}
    if "seconds" in terms:
        terms["seconds_a_move"] = terms.pop("seconds")
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
        elo=round(elo_of(found.wins, found.draws, found.losses), 1),
        elo_ci95=(round(low, 1), round(high, 1)),
        wins_as_black=found.as_black,
        ended_by=dict(Counter(played.why for played in done)),
        forfeits=tuple(lost),
        simulations=match.simulations,
        opening_moves=match.opening,
        seed=match.seed,
        seconds=round(seconds, 1),
        agreed=dict(game.can.agreed),
        terms=terms,
        sprt=sprt,
    )


def told(played: Played, names: tuple[str, str]) -> str:
    """A line about a game in which something went wrong."""
    loser = names[0] if played.for_first == -1 else names[1]
    verdict = "a draw" if played.result == 0 else f"{loser} loses"
    if played.result != played.result:
        verdict = "no result"
    return f"game {played.number + 1}: {verdict} ({played.why}): {played.note}"
