"""The description of a match, and its result card."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from envs.boards.catalogue import USUAL_RULES
from envs.boards.game import Game
from selfplay.played import FORFEITS, Played, tally
from selfplay.rating.difference import elo_interval, elo_of
from tengen.display import duration

_LATER = {"seconds": None, "time": "", "handicap": 0, "openings": ""}  # settings that older match files lack


@dataclass(frozen=True)
class Match:
    """The players, the game and the number of games."""

    first: str
    second: str
    task: str
    games: int = 20
    rules: str = USUAL_RULES
    komi: float | None = None
    simulations: int = 200
    opening: int = 2
    seed: int = 1
    seconds: float | None = None  # per move, for players that search and whose names set no limit
    time: str = ""  # the time control, see selfplay/clock.py
    handicap: int = 0  # stones of the second player, who then always has Black
    openings: str = ""  # a file or folder
    sprt: tuple[float, float] | None = None  # two Elo differences: the match ends when one is accepted

    @property
    def names(self) -> tuple[str, str]:
        return self.first, self.second

    @property
    def by_time(self) -> bool:
        """Whether the moves depend on the speed of this machine."""
        return self.seconds is not None or self.time != "" or any(re.search(r":[\d.]+s$", n) for n in self.names)

    def description(self) -> dict[str, Any]:
        """What must stay the same when a match is resumed: all but its length."""
        values = {name: value for name, value in asdict(self).items() if name not in ("games", "sprt")}
        return {name: value for name, value in values.items() if name not in _LATER or value != _LATER[name]}


@dataclass(frozen=True)
class MatchCard:
    """The score of a match from the first player's view, and its terms."""

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
    elo: float  # advantage of the first player
    elo_ci95: tuple[float, float]
    wins_as_black: tuple[int, int]  # wins, games
    ended_by: Mapping[str, int]
    forfeits: tuple[str, ...]  # games lost by something other than play, and why
    simulations: int
    opening_moves: int
    seed: int
    seconds: float
    agreed: Mapping[str, Any]  # komi, ko rule, …: the rules the game's players agree on
    terms: Mapping[str, Any]  # handicap, time, …, where not the defaults
    sprt: str = ""  # outcome of the test, or its current state

    def describe(self) -> str:
        """A few lines."""
        low, high = self.ci95
        black, blacks = self.wins_as_black
        score = f"{self.rate:.1%} [{low:.1%}, {high:.1%}] of {self.games} games; with Black {black} of {blacks}; "
        ends = ", ".join(f"{n} by {why}" for why, n in sorted(self.ended_by.items(), key=lambda item: -item[1])[:4])
        text = (
            f"{self.first} against {self.second} ({self.task}): {self.wins} won, {self.draws} drawn,"
            f" {self.losses} lost{', ' + str(self.void) + ' without result' if self.void else ''}\n"
            f"  {score if self.games else ''}ended: {ends}; {duration(self.seconds)}"
        )
        if self.games:
            text += f"\n  {self.elo:+.0f} Elo [{self.elo_ci95[0]:+.0f}, {self.elo_ci95[1]:+.0f}]"
        if self.sprt:
            text += f"\n  {self.sprt}"
        return text

    def hint(self) -> str:
        """Advice about games without a result; empty if none is needed."""
        if "refusal" not in self.ended_by:
            return ""
        return (
            "a program refused a move or a setting of the game: choose rules that it knows, for GNU Go --rules cgos"
            " and gtp:'gnugo --mode gtp --chinese-rules --positional-superko'"
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
    """The card for the games `done`; `names` as the players report them."""
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
    """One line about a game in which something went wrong."""
    loser = names[0] if played.for_first == -1 else names[1]
    verdict = "a draw" if played.result == 0 else f"{loser} loses"
    if played.result != played.result:
        verdict = "no result"
    return f"game {played.number + 1}: {verdict} ({played.why}): {played.note}"
