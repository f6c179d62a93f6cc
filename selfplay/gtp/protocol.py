"""The lines of GTP, version 2 (G. Farnebäck, "Specification of the Go Text Protocol"): how a command is read and how an
answer is written.

    12 play black D4      command, with an id if the client wants one
    =12                   answer: "=" or "?", the id, a text, and an empty line
"""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

LONGEST = 1 << 16  # bytes of a line


class Refused(Exception):
    """Answered with `?` and this text."""


class Gone(Exception):
    """The client no longer reads our answers."""


class Line(NamedTuple):
    """A command as received."""

    id: str  # digits, or nothing
    command: str
    words: tuple[str, ...]


def parse(raw: bytes) -> Line | None:
    """The command in a line, None where there is none: comments, control characters and blanks count for nothing."""
    text = raw.decode("utf-8", "replace").partition("#")[0].replace("\t", " ")
    words = "".join(c for c in text if c >= " " and c != "\x7f").split()
    if not words:
        return None
    number = words.pop(0) if words[0].isascii() and words[0].isdigit() else ""
    return Line(number, words[0] if words else "", tuple(words[1:]))


class Answer:
    """The answer to one command. Analysis writes its lines while it runs."""

    def __init__(self, out: BinaryIO, number: str) -> None:
        self.out, self.number, self.begun = out, number, False

    def line(self, text: str) -> None:
        """A line of an answer that goes on."""
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
        except (OSError, ValueError) as error:  # a closed pipe, a closed file
            raise Gone from error


def _body(text: str) -> str:
    """An empty line would end the answer early."""
    lines = [line if line.strip() else " " for line in text.replace("\r", "").split("\n")]
    return " " + "\n".join(lines) if text else ""
