"""Text from a file or a program, as a terminal may be given it."""

from __future__ import annotations


def plain(text: str, keep: str = "\n\t\xa0") -> str:
    """`text` with its control characters written out (\\x1b): no escape sequence of a stranger reaches the screen.

    `keep` stays. What is printable in no script (a half of a surrogate pair, marks that turn the direction of writing)
    is written out too.
    """
    return "".join(c if c.isprintable() or c in keep else repr(c)[1:-1] for c in text)
