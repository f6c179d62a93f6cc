"""The board's players: those of `tengen match`; and which network analyses for players that do not search."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from envs.boards.catalogue import go_size
from selfplay.players.catalogue import NETWORK, kind_of
from selfplay.players.limits import split_limit
from tengen.errors import UserError
from tengen.zoo import locate, zoo_cards, zoo_folder

_OTHER_SIZES = (5, 7, 9, 13, 19)


def default_player(task: str) -> str:
    """Tengen's own network for `task`; for other Go sizes the nearest in size; else uct."""
    size, cards = go_size(task), {name: card for name, card in zoo_cards().items() if _can_play(name)}
    searched = {name for name, card in cards.items() if card.get("agent") == "alphazero"}  # trained to search
    if fits := [name for name, card in cards.items() if card["task"] == task]:
        return min(fits, key=lambda name: (name not in searched, name))
    if size is None:
        return "uct"
    sizes = {name: go_size(cards[name]["task"]) for name in searched}
    near = {name: abs(known - size) for name, known in sizes.items() if known}
    return min(near, key=lambda name: (near[name], name)) if near else "uct"


def _can_play(name: str) -> bool:
    """Whether a zoo network has the heads that a search needs."""
    heads = _read(zoo_folder() / name / "network.json").get("heads", {})
    return isinstance(heads, dict) and "policy" in heads and bool({"outcome", "value"} & set(heads))


def searches(name: str) -> bool:
    """Whether the player `name` can analyse positions."""
    return kind_of(name).searches


def without_limit(name: str) -> tuple[str, str]:
    """Split off the limit per move: `uct:1000` gives ("uct", "1000"), `NAME:2.5s` gives (NAME, "2.5s").

    UserError for an invalid limit.
    """
    known, limit = split_limit(name) if searches(name) else (name, None)
    if limit is None:
        return known, ""
    return known, f"{limit:g}s" if isinstance(limit, float) else str(limit)


def is_network(name: str) -> bool:
    return kind_of(name) is NETWORK


def known_sizes(name: str, task: str, runs: Path) -> tuple[int, ...]:
    """The Go board sizes that `name` can play, including that of `task`; empty for other games."""
    size = go_size(task)
    if size is None:
        return ()
    if not is_network(name):
        return tuple(sorted({size, *_OTHER_SIZES}))
    return tuple(sorted({size, *_learned(name, runs)}))


def analyst(name: str, task: str, runs: Path) -> str:
    """The player that analyses `task` when `name` plays: itself if it knows that board, else a network that does."""
    shipped = default_player(task)
    if not searches(name):
        return shipped
    size = go_size(task)
    return shipped if is_network(name) and size is not None and size not in _learned(name, runs) else name


def credit(name: str, task: str, runs: Path) -> str:
    """The analyst's name for the page, with a warning if it does not know the board's size."""
    size = go_size(task)
    if size is None or not is_network(name) or size in _learned(name, runs):
        return name
    return f"{name}, not trained on {size}×{size}"


def _learned(name: str, runs: Path) -> set[int]:
    """The board sizes a network was trained on, according to its files."""
    found = locate(without_limit(name)[0], runs)
    spec = _read(found.folder / "network.json") or (_read(zoo_folder() / found.folder.name / "network.json"))
    trunk = spec.get("trunk", {})
    shape = trunk.get("input_shape") or (0,)
    size = int(shape[-1])
    if trunk.get("masked"):
        return set(range(2, size + 1))
    return {size} if size else set()


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text()) if file.is_file() else {}
    except ValueError as error:
        raise UserError(f"{file} is damaged ({error})") from error
    return found if isinstance(found, dict) else {}
