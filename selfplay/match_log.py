"""The games of a match in a folder, written as they end, so that a stopped match can continue.

OUT/games.jsonl   the match, then a line a game: {number, first_is_black, actions, result, score, why, note, seconds}
OUT/0001.sgf …    the games, if they can be written as SGF, with the players' comments on their moves
OUT/card.json     the score, when all are played
OUT/lock          held while the match is played: one process at a time
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from envs.boards.game import Game
from selfplay.played import Played, as_finished_game
from tengen.errors import UserError
from tengen.files import write_bytes, write_text
from tengen.lock import Lock
from tengen.run import read_rows


class MatchLog:
    """The games played so far of `match`, a description that all sittings of one match share."""

    def __init__(self, folder: Path, match: Mapping[str, Any], game: Game, names: tuple[str, str]) -> None:
        """UserError where `folder` holds the games of another match, or another process plays this one."""
        self.folder, self.game, self.names = folder, game, names
        self.file = folder / "games.jsonl"
        self._lock = Lock(folder)
        self._writing = threading.Lock()
        try:
            self.games, self.seconds = self._read(dict(match))
        except BaseException:
            self.close()
            raise

    def _read(self, match: dict[str, Any]) -> tuple[list[Played], float]:
        heads = read_rows(self.file, "task") if self.file.exists() else []
        rows = read_rows(self.file, "number") if heads else []
        head = heads[0] if heads else match
        if head != match:
            names = {**match, **head}
            other = ", ".join(f"{k} {head.get(k, 'not given')}" for k in names if head.get(k) != match.get(k))
            raise UserError(f"{self.folder} holds the games of another match ({other}); choose another --out")
        try:
            games = {row["number"]: _played(row) for row in rows}  # each counts once
            seconds = float(rows[-1]["seconds"]) if rows else 0.0
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{self.file} is damaged; move it away, or choose another --out") from error
        kept = {row["number"]: row for row in rows}.values()
        write_text(self.file, "".join(json.dumps(line) + "\n" for line in [head, *kept]))
        return list(games.values()), seconds

    def add(self, played: Played, seconds: float) -> None:
        """A game has ended, `seconds` after the match began."""
        if self.game.can.sgf:
            sgf = self.game.can.sgf(as_finished_game(played, self.names))
            write_bytes(self.folder / f"{played.number + 1:04}.sgf", sgf)
        row = asdict(played) | {"seconds": round(seconds, 1)}
        del row["comments"]  # the SGF has them
        row["result"] = None if math.isnan(played.result) else played.result
        with self._writing, self.file.open("a") as lines:
            lines.write(json.dumps(row) + "\n")

    def close(self) -> None:
        self._lock.release()


def _played(row: dict[str, Any]) -> Played:
    number, black, actions, score = row["number"], row["first_is_black"], row["actions"], row["score"]
    result = math.nan if row["result"] is None else row["result"]
    whole = isinstance(number, int) and number >= 0 and isinstance(black, bool)
    if not whole or not all(isinstance(a, int) for a in actions) or not (math.isnan(result) or result in (-1, 0, 1)):
        raise ValueError("not a game")
    if score is not None and not isinstance(score, (int, float)):
        raise ValueError("not a score")
    stones = tuple(row.get("stones", ()))
    return Played(number, black, tuple(actions), result, score, str(row["why"]), str(row.get("note", "")), (), stones)
