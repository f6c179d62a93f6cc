"""The games behind a rating list, in a folder: one match folder per pair of players.

OUT/<one>--<other>-<digest>/games.jsonl, 0001.sgf …     as `tengen match --out` writes them
OUT/ratings.json, ratings.png                           the resulting ratings
OUT/lock                                                held while games are being played
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from selfplay.match_card import Match
from selfplay.rating.elo import Score
from tengen.errors import UserError
from tengen.run import read_rows

_NAMES = ("first", "second", "seed")  # fields that differ between the pairs of one list


class Store:
    """The games in `folder`, all played on the same terms."""

    def __init__(self, folder: Path, terms: Match) -> None:
        """UserError if the folder has games on other terms. Names read here never start a program."""
        self.folder, self.terms = folder, terms
        self.games: dict[tuple[str, str], list[tuple[bool, float]]] = {}  # pair -> (first is Black, Black's result)
        wanted = _shared(terms.description())
        for file in sorted(folder.glob("*/games.jsonl")):
            heads = read_rows(file, "task")
            if not heads:
                continue
            head = heads[0]
            if _shared(head) != wanted:
                names = {**wanted, **_shared(head)}
                other = ", ".join(f"{k} {head.get(k)}" for k in names if head.get(k) != wanted.get(k))
                raise UserError(f"{folder} holds games with other settings ({other}); choose another --out")
            self._add(file, str(head["first"]), str(head["second"]))

    def folder_of(self, one: str, other: str) -> Path:
        """The folder with the games of a pair."""
        digest = hashlib.sha256(f"{one}\n{other}".encode()).hexdigest()[:8]
        names = [re.sub(r"\W+", "-", name).strip("-")[-24:].strip("-") for name in (one, other)]
        return self.folder / f"{names[0]}--{names[1]}-{digest}"

    def pair(self, one: str, other: str) -> tuple[str, str]:
        """The pair in the order in which it has played before."""
        return (other, one) if (other, one) in self.games else (one, other)

    def match(self, one: str, other: str, more: int) -> Match:
        """The match of a pair, extended by `more` games."""
        pair = self.pair(one, other)
        digest = int(hashlib.sha256("\n".join(pair).encode()).hexdigest()[:6], 16)  # each pair gets different openings
        games = len(self.games.get(pair, [])) + more
        return replace(self.terms, first=pair[0], second=pair[1], games=games, seed=self.terms.seed + digest)

    def read(self, one: str, other: str) -> None:
        """Reread the games of a pair."""
        pair = self.pair(one, other)
        self._add(self.folder_of(*pair) / "games.jsonl", *pair)

    def _add(self, file: Path, one: str, other: str) -> None:
        played = [row for row in read_rows(file, "number") if isinstance(row["number"], int) and "result" in row]
        rows = {row["number"]: row for row in played}
        found = []
        for row in rows.values():
            result = row["result"]
            if isinstance(row.get("first_is_black"), bool) and (result is None or result in (-1, 0, 1)):
                found.append((row["first_is_black"], float("nan") if result is None else float(result)))
        self.games[one, other] = found

    def names(self) -> list[str]:
        """The names of all players with games, in arbitrary order."""
        return list(dict.fromkeys(name for pair in self.games for name in pair))

    def scores(self, names: Sequence[str]) -> list[Score]:
        """The scores between `names`, without games that have no result."""
        numbers = {name: i for i, name in enumerate(names)}
        found = []
        for (one, other), games in self.games.items():
            if one in numbers and other in numbers:
                for first_is_black in (True, False):
                    results = [result for black, result in games if black == first_is_black]
                    counts = [results.count(value) for value in (1.0, 0.0, -1.0)]
                    black, white = (one, other) if first_is_black else (other, one)
                    if sum(counts):
                        found.append(Score(numbers[black], numbers[white], *counts))
        return found


def _shared(description: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in description.items() if name not in _NAMES}
