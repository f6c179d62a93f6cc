"""Cards: a measurement with its protocol, its uncertainty and the command that reproduces it.

Each room has its own frozen records, which describe themselves in words and as JSON. A saved card is read back as
plain JSON, of which only the `headline` matters here.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tengen.files import parse_json, write_json


class Card(Protocol):
    """A frozen record of a measurement."""

    def describe(self) -> str:
        """The card in a few lines."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """The card as JSON."""
        ...


def to_dict(card: Any) -> dict[str, Any]:
    """The fields of a dataclass as JSON holds them: tuples as lists."""
    return {field.name: _plain(getattr(card, field.name)) for field in fields(card)}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def save_card(path: Path, card: Card) -> None:
    path.parent.mkdir(exist_ok=True)
    write_json(path, card.to_dict())


def keep_card(path: Path, card: Card) -> None:
    """`save_card`, but print a line if that fails, so that an hour's measurement is still shown."""
    try:
        save_card(path, card)
    except OSError as error:
        print(f"tengen: the card is not kept in {path.parent}: {error.strerror}", file=sys.stderr, flush=True)


class Headline(NamedTuple):
    """The main number of a saved card."""

    result: str
    interval: str
    measured_on: str  # so many games, examples, positions


_FRACTIONS = {
    "accuracy": "examples",
    "kept": "positions",
    "rate": "games",
}  # a card's figure -> what it was counted over


def headline(card: Mapping[str, Any]) -> Headline:
    """The number of a card as it was saved, with its interval; dashes where it has none, "damaged" for no card."""
    try:
        return _headline(card)
    except (TypeError, ValueError, LookupError):
        return Headline("damaged", "-", "-")


def _headline(card: Mapping[str, Any]) -> Headline:
    if "metric" in card:  # it names its figure itself
        ends = card.get("ci95")
        interval = f"[{ends[0]:.4g}, {ends[1]:.4g}]" if ends else "-"
        return Headline(f"{card['value']:.4g} {card['metric']}", interval, str(card.get("measured_on", "-")))
    fraction = next((name for name in _FRACTIONS if name in card), None)
    name, form = (fraction, ".2%") if fraction else ("mean", ".2f")
    if name not in card:
        return Headline("-", "-", "-")
    low, high = (format(end, form) for end in card.get("ci95", (card[name], card[name])))
    counted = card.get(_FRACTIONS[fraction] if fraction else "episodes")
    return Headline(format(card[name], form), f"[{low}, {high}]", f"{counted:,}" if counted is not None else "-")


def newest_card(run: Path) -> dict[str, Any] | None:
    """The card that was saved last in a run's `eval/`; None where there is none, or none that can be read."""
    for path in sorted((run / "eval").glob("*.json"), key=lambda p: p.stat().st_mtime, reverse=True):
        try:
            card = parse_json(path.read_text())
        except (OSError, ValueError):
            continue
        if isinstance(card, dict):
            return card
    return None
