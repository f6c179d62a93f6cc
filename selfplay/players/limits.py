"""Limits per move in the names of players that search: `NAME:400` and `uct:1000` simulations, `NAME:2.5s` seconds."""

from __future__ import annotations

import re

from tengen.errors import UserError


def split_limit(name: str) -> tuple[str, int | float | None]:
    """The player without its limit per move, and that limit: whole simulations, or seconds as a float."""
    first, _, rest = name.partition(":")
    if first.strip().lower() == "uct":
        return first.strip(), limit_of(rest.strip(), name)
    known, _, last = name.rpartition(":")
    if known and re.fullmatch(r"[+-]?\d+|[\d.]+s", last.strip(), re.ASCII):
        return known.strip(), limit_of(last.strip(), name)
    return name, None


def limit_of(text: str, name: str) -> int | float | None:
    """`400` as simulations, `2.5s` as seconds; None for an empty text. UserError, naming the player, for another."""
    if not text:
        return None
    if text.endswith("s"):
        if not re.fullmatch(r"\d{1,5}(\.\d{1,6})?s", text, re.ASCII) or float(text[:-1]) == 0:
            raise UserError(f"{name}: seconds per move must be more than zero, for example 2.5s")
        return float(text[:-1])
    if not re.fullmatch(r"\d{1,7}", text, re.ASCII) or not 1 <= int(text) <= 10**6:
        raise UserError(f"{name}: simulations must be a whole number from 1 to 1,000,000")
    return int(text)
