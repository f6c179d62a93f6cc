"""The card of a rating list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from selfplay.rating.elo import Ratings, Score


@dataclass(frozen=True)
class RatedPlayer:
    """A line of the list."""

    name: str
    elo: float  # above the first player named
    low: float  # 95 % interval
    high: float
    games: int
    score: float  # a draw counts as half a win
    better: float | None  # probability of being stronger than the next one on the list, None for the last
    hours: float | None = None  # of training up to it, for the networks of a run


@dataclass(frozen=True)
class RatingsCard:
    """The ratings, the strongest player first, in Elo above `anchor`."""

    task: str
    anchor: str
    players: tuple[RatedPlayer, ...]
    games: int
    advantage: float  # Elo that moving first is worth
    agreed: Mapping[str, Any]  # rules, komi, …
    terms: Mapping[str, Any]  # simulations, opening moves, …

    def rows(self) -> list[tuple[str, ...]]:
        """A table for people, without its head."""
        rows: list[tuple[str, ...]] = []
        for rank, p in enumerate(self.players, 1):
            interval = f"[{p.low:+.0f}, {p.high:+.0f}]" if p.name != self.anchor else "-"
            better = "-" if p.better is None else f"{p.better:.0%}"
            name = p.name if p.hours is None else f"{Path(p.name).name}, {p.hours:.2f} hours"
            rows.append((str(rank), name, f"{p.elo:+.0f}", interval, str(p.games), f"{p.score:.1%}", better))
        return rows

    def describe(self) -> str:
        """One line for each player."""
        lines = [f"{p.name}: {p.elo:+.0f} Elo [{p.low:+.0f}, {p.high:+.0f}], {p.games} games" for p in self.players]
        return "\n".join([f"ratings on {self.task}, {self.games} games, {self.anchor} has 0", *lines])

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        values = {"task": self.task, "anchor": self.anchor, "games": self.games, "advantage": self.advantage}
        players = [asdict(player) for player in self.players]
        return {"kind": "ratings"} | values | {"players": players} | dict(self.agreed) | dict(self.terms)


HEAD = ("", "player", "Elo", "95 %", "games", "score", "stronger than next")


def card_of(
    task: str,
    names: Sequence[str],
    ratings: Ratings,
    scores: Sequence[Score],
    hours: Mapping[str, float],
    agreed: Mapping[str, Any],
    terms: Mapping[str, Any],
) -> RatingsCard:
    """The card of `ratings`, which follow from `scores`."""
    games, points = np.zeros(len(names)), np.zeros(len(names))
    for s in scores:
        for player, won in ((s.black, s.wins), (s.white, s.losses)):
            games[player] += s.wins + s.draws + s.losses
            points[player] += won + s.draws / 2
    order = [int(i) for i in np.argsort(-ratings.elo, kind="stable")]
    players = []
    for place, i in enumerate(order):
        better = ratings.better(i, order[place + 1]) if place + 1 < len(order) else None
        elo, low, high = (round(float(x[i]), 1) for x in (ratings.elo, ratings.low, ratings.high))
        score = round(float(points[i] / max(1.0, games[i])), 4)
        better = None if better is None else round(better, 4)
        players.append(RatedPlayer(names[i], elo, low, high, int(games[i]), score, better, hours.get(names[i])))
    total = int(games.sum()) // 2
    return RatingsCard(task, names[0], tuple(players), total, round(ratings.advantage, 1), agreed, terms)
