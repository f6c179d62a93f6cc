"""GTP, version 2 (G. Farnebäck, "Specification of the Go Text Protocol"): parses commands and writes
answers.

    12 play black D4      command, with an optional id
    =12                   answer: "=" or "?", the id, text, and an empty line
"""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

LONGEST = 1 << 16  # bytes per line


class Refused(Exception):
    """A command that is answered with `?` and this text."""


class Gone(Exception):
    """The client no longer reads our answers."""


class Line(NamedTuple):
    """A command as received."""

    id: str  # digits, or empty
    command: str
    words: tuple[str, ...]


def parse(raw: bytes) -> Line | None:
    """The command in a line, or None; comments, control characters and blanks are ignored."""
    text = raw.decode("utf-8", "replace").partition("#")[0].replace("\t", " ")
    words = "".join(c for c in text if c >= " " and c != "\x7f").split()
    if not words:
        return None
    number = words.pop(0) if words[0].isascii() and words[0].isdigit() else ""
    return Line(number, words[0] if words else "", tuple(words[1:]))


class Answer:
    """The answer to one command. Analysis writes its lines while it is running."""

    def __init__(self, out: BinaryIO, number: str) -> None:
        self.out, self.number, self.begun = out, number, False

    def line(self, text: str) -> None:
        """Write one line of an unfinished answer."""
        self._write(("" if self.begun else f"={self.number}\n") + text + "\n")
        self.begun = True

    def end(self, text: str) -> None:
        if self.begun:
            self._write(f"{text}\n\n" if text else "\n")
        else:
            self._write(f"={self.number}{_body(text)}\n\n")

    def refuse(self, text: str) -> None:
        self._write("\n" if self.begun else f"?{self.number}{_body(text)}\n\n")

    def _write(self, text: str) -> None:
        try:
            self.out.write(text.encode("utf-8", "replace"))
            self.out.flush()
        except (OSError, ValueError) as error:  # closed pipe or file
            raise Gone from error


def _body(text: str) -> str:
    """Remove empty lines, which would end the answer early."""
    lines = [line if line.strip() else " " for line in text.replace("\r", "").split("\n")]
    return " " + "\n".join(lines) if text else ""
