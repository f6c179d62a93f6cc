"""Resolve the name of a trained network: a run, a network in a run, or an entry of the zoo that comes with Tengen.

    zoo/<name>/     weights.safetensors, network.json, card.json

setup.py installs zoo/ as tengen/zoo_networks; in a checkout it is beside the packages.
Only descriptions are read here, so no torch is needed; `supervised.trained` loads the networks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tengen.description import Description
from tengen.errors import UserError
from tengen.files import path_of
from tengen.kinds import Named
from tengen.run import Run, find_run, no_run, read_rows

_INSTALLED = Path(__file__).resolve().parent / "zoo_networks"
ZOO = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parent.parent / "zoo"


def zoo_folder() -> Path:
    """The zoo's folder."""
    return ZOO


def zoo_cards() -> dict[str, dict[str, Any]]:
    """name -> card of each network in the zoo."""
    cards = {}
    for path in sorted(zoo_folder().glob("*/card.json")):
        try:
            cards[path.parent.name] = json.loads(path.read_text())
        except json.JSONDecodeError as error:
            raise UserError(f"{path} is damaged ({error}); restore it") from error
    return cards


def zoo_entry(name: str, runs: Path) -> tuple[str, dict[str, Any]]:
    """(folder, card) of the zoo network called `name`, or trained for the task `name`; UserError if there is none."""
    cards = zoo_cards()
    entry = name if name in cards else next((n for n, c in cards.items() if c["task"] == name.lower()), None)
    if entry is None:
        raise no_run(runs, name, cards)
    return entry, cards[entry]


@dataclass(frozen=True)
class Located:
    """Where a trained network is, and what is known about it."""

    folder: Path  # that holds network.json, or a checkpoint, or a run with checkpoints
    run: Path | None  # that it belongs to; None: the zoo, or a folder by itself
    card: dict[str, Any]  # of the zoo; empty for a run


def locate(name: str, runs: Path) -> Located:
    """Resolve `name` to a network: a run's path or name (its best rated network, else its newest checkpoint), one
    network of a run (RUN/models/step-…, RUN/checkpoints/step-…), a folder with a network, a name of the zoo, or a task
    that the zoo has a network for; `last` is the newest run."""
    folder = path_of(name)
    if any((folder / file).is_file() for file in ("network.json", "sums.json")):
        run = find_run(runs, str(folder.parent.parent)) if folder.parent.name in ("models", "checkpoints") else None
        return Located(folder, run, {} if run else _card_in(folder))
    if run := find_run(runs, name):
        return Located(best_rated(run) or run, run, {})
    entry, card = zoo_entry(name, runs)
    return Located(zoo_folder() / entry, None, card)


def _card_in(folder: Path) -> dict[str, Any]:
    file = folder / "card.json"
    try:
        card = json.loads(file.read_text()) if file.is_file() else {}
    except ValueError as error:
        raise UserError(f"{file} is damaged ({error})") from error
    return card if isinstance(card, dict) else {}


def best_rated(run: Path) -> Path | None:
    """The folder of the run's best rated network; None if nothing has been rated."""
    file = run / "arena.jsonl"
    rows = [row for row in read_rows(file) if "rating" in row] if file.exists() else []
    for row in sorted(rows, key=lambda row: -row["rating"]):
        folder = run / "models" / f"step-{row['step']:012}"
        if (folder / "network.json").exists():
            return folder
    return None


def resolve(name: str, runs: Path) -> Named:
    """The run or zoo network that `name` belongs to."""
    found = locate(name, runs)
    if found.run:
        what = Description.of_run(Run.open(found.run))
        return Named(name, what.kind, what.task, what.agent, found.run, {})
    card = found.card
    if "task" not in card:
        raise UserError(f"{name} has no card.json that names its task")
    return Named(found.folder.name, card.get("kind", "agent"), card["task"], card["agent"], None, card)


def how_trained(run: Run) -> dict[str, Any]:
    """The command that started the run, without file paths, later changes to it, and the network it started from."""
    meta = run.meta()
    told = [" ".join(map(str, meta.get("argv", []))), *run.changes()]
    places = [" ".join(word if "/" not in word else Path(word).name for word in one.split(" ")) for one in told]
    found: dict[str, Any] = {"trained_with": "; ".join(places)}
    if "began_from" in meta:
        found["began_from"] = meta["began_from"]
    return found


def origin(found: Located, name: str) -> dict[str, Any]:
    """What is known about the network that `--trunk` names: for meta.json, and from there for the zoo's cards."""
    known = how_trained(Run.open(found.run)) if found.run else found.card
    told = ("task", "steps", "minutes", "trained_with", "began_from")
    about: dict[str, Any] = {"network": found.run.name if found.run else name}
    if found.run and found.folder != found.run:
        about["weights"] = found.folder.name
    return about | {what: known[what] for what in told if what in known}
