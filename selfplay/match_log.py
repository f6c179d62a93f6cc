"""The games of a match in a folder, written as they end, so that a match that was stopped can go on.

OUT/games.jsonl   the match, then a line a game: {number, first_is_black, actions, result, score, why, seconds}
OUT/0001.sgf …    the games, where they can be written as SGF
OUT/card.json     the score, when all are played
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from envs.boards.game import Game
from selfplay.match import Played, as_finished_game
from tengen.errors import UserError
from tengen.files import write_bytes, write_text
from tengen.run import read_rows


class MatchLog:
    """The games played so far of `match`, a description that all sittings of one match share."""

    def __init__(self, folder: Path, match: Mapping[str, Any], game: Game, names: tuple[str, str]) -> None:
        """UserError where `folder` holds the games of another match."""
        self.folder, self.game, self.names = folder, game, names
        self.file = folder / "games.jsonl"
        folder.mkdir(parents=True, exist_ok=True)
        heads = read_rows(self.file, "task") if self.file.exists() else []
        rows = read_rows(self.file, "number") if heads else []
        head = heads[0] if heads else dict(match)
        if head != dict(match):
            other = ", ".join(f"{k} {head.get(k)}" for k, v in match.items() if head.get(k) != v)
            raise UserError(f"{folder} holds the games of another match ({other}); choose another --out")
        try:
            self.games = [_played(row) for row in rows]
            self.seconds = float(rows[-1]["seconds"]) if rows else 0.0
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{self.file} is damaged; move it away, or choose another --out") from error
        write_text(self.file, "".join(json.dumps(line) + "\n" for line in [head, *rows]))

    def add(self, played: Played, seconds: float) -> None:
        """A game has ended, `seconds` after the match began."""
        if self.game.can.sgf:
            sgf = self.game.can.sgf(as_finished_game(played, self.names))
            write_bytes(self.folder / f"{played.number + 1:04}.sgf", sgf)
        row = asdict(played) | {"seconds": round(seconds, 1)}
        row["result"] = None if math.isnan(played.result) else played.result
        with self.file.open("a") as lines:
            lines.write(json.dumps(row) + "\n")


def _played(row: dict[str, Any]) -> Played:
    result = math.nan if row["result"] is None else row["result"]
    return Played(row["number"], row["first_is_black"], tuple(row["actions"]), result, row["score"], row["why"])
