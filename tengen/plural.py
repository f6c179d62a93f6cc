"""A number with its noun, for messages: `1 tree`, `2 trees`."""

from __future__ import annotations

import re
from numbers import Integral


def counted(number: float, things: str) -> str:
    """`1 gradient step`, `1,797 bytes`: `things` is in the plural, with the noun as its last word."""
    text = f"{number:,}" if isinstance(number, Integral) else f"{number:g}"
    return f"{text} {singular(things) if number == 1 else things}"


def singular(things: str) -> str:
    """One of `things`: trees, entries, batches."""
    if things.endswith("ies"):
        return f"{things[:-3]}y"
    return re.sub(r"(?<=ch|sh|ss)es$|s$", "", things)
