"""Players for the board: those of `tengen match`; and analysts for players that do not search."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from envs.boards.catalogue import go_size
from selfplay.players.catalogue import kind_of
from tengen.errors import UserError
from tengen.zoo import locate, zoo_cards, zoo_folder

_OTHER_SIZES = (5, 7, 9, 13, 19)


def default_player(task: str) -> str:
    """The network that comes with Tengen for `task`; the nearest in size for another board of Go; else uct."""
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
    """Whether a network of the zoo has what a search asks for."""
    heads = _read(zoo_folder() / name / "network.json").get("heads", {})
    return isinstance(heads, dict) and "policy" in heads and bool({"outcome", "value"} & set(heads))


def searches(name: str) -> bool:
    """Whether the player `name` can say what it thinks of a position."""
    return kind_of(name).searches


def without_limit(name: str) -> tuple[str, str]:
    """The player, and what it may spend on a move: `uct:1000` is ("uct", "1000"), `NAME:2.5s` (NAME, "2.5s").

    UserError for a limit that is none.
    """
    known, _, last = name.rpartition(":")
    if not known or not searches(name) or not re.fullmatch(r"\d+|[\d.]+s", last, re.ASCII):
        return name, ""
    good = re.fullmatch(r"[1-9]\d{0,5}|\d{1,3}(\.\d{1,3})?s", last, re.ASCII)
    if not good or (last.endswith("s") and float(last[:-1]) == 0):
        raise UserError(f"{name}: give a move 1 to 999,999 simulations (NAME:400) or a number of seconds (NAME:2.5s)")
    return known, last


def is_network(name: str) -> bool:
    return searches(name) and name.partition(":")[0] != "uct"


def known_sizes(name: str, task: str, runs: Path) -> tuple[int, ...]:
    """The sizes of Go that `name` has learned to play, that of `task` among them; empty for another game."""
    size = go_size(task)
    if size is None:
        return ()
    if not is_network(name):
        return tuple(sorted({size, *_OTHER_SIZES}))
    return tuple(sorted({size, *_learned(name, runs)}))


def analyst(name: str, task: str, runs: Path) -> str:
    """Who analyses positions of `task` where `name` plays: itself if it has learned that board, else one that has."""
    shipped = default_player(task)
    if not searches(name):
        return shipped
    size = go_size(task)
    return shipped if is_network(name) and size is not None and size not in _learned(name, runs) else name


def _learned(name: str, runs: Path) -> set[int]:
    """The board sizes a network was trained on, as far as its files say."""
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
