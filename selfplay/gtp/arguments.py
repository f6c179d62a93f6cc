"""Parse the arguments of a command: whatever comes, the answer is a value or a refusal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from envs.boards.game import BLACK, WHITE
from envs.go.game import Go
from selfplay.gtp.protocol import Refused
from tengen.errors import UserError

COLOURS = {"b": BLACK, "black": BLACK, "w": WHITE, "white": WHITE}


def colour_name(colour: int) -> str:
    return "black" if colour == BLACK else "white"


class Arguments:
    """The words of a command, taken from the left."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)

    def __len__(self) -> int:
        return len(self.words)

    def word(self, what: str) -> str:
        if not self.words:
            raise Refused(f"syntax error: {what} is missing")
        return self.words.pop(0)

    def colour(self) -> int:
        """BLACK or WHITE."""
        word = self.word("a color")
        if word.lower() not in COLOURS:
            raise Refused(f"invalid color: {word[:40]}, black or white is expected")
        return COLOURS[word.lower()]

    def colour_if_given(self, otherwise: int) -> int:
        if self.words and self.words[0].lower() in COLOURS:
            return self.colour()
        return otherwise

    def action(self, game: Go) -> int:
        word = self.word("a vertex")
        try:
            return game.parse_action(word[:40])
        except UserError as error:
            raise Refused(f"invalid vertex: {error}") from error

    def whole(self, what: str, least: int, most: int) -> int:
        word = self.word(what)
        if not word.lstrip("+-").isdigit() or not word.isascii() or len(word) > 12:
            raise Refused(f"syntax error: {what} is a whole number, not {word[:40]}")
        try:
            value = int(word)
        except ValueError:
            raise Refused(f"syntax error: {what} is a whole number, not {word}") from None
        if not least <= value <= most:
            raise Refused(f"{what} is a whole number from {least} to {most}, not {value}")
        return value

    def number(self, what: str, least: float, most: float) -> float:
        word = self.word(what)
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not word.isascii() or not math.isfinite(value):
            raise Refused(f"syntax error: {what} is a number, not {word[:40]}")
        if not least <= value <= most:
            raise Refused(f"{what} is a number from {least:g} to {most:g}, not {value:g}")
        return value
