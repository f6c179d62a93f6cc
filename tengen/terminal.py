"""Make text safe for a terminal, and handle output that nobody reads any more."""

from __future__ import annotations

import io
import os
import sys


def plain(text: str, keep: str = "\n\t\xa0") -> str:
    """`text` with its control characters written out (\\x1b): no escape sequence of a stranger reaches the screen.

    `keep` stays. What is printable in no script (a half of a surrogate pair, marks that turn the direction of writing)
    is written out too.
    """
    return "".join(c if c.isprintable() or c in keep else repr(c)[1:-1] for c in text)


def passing(text: str) -> None:
    """A line about what is going on, on a terminal only; the next one takes its place, and "" wipes it."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def any_terminal() -> None:
    """What a terminal's encoding does not have (ASCII, Latin-1) is shown as ?, instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def nobody_reads() -> None:
    """What is still printed goes nowhere: the reader of a pipe has left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
