"""Names of trained networks: a run, a network of one, or an entry of the zoo that comes with Tengen.

    zoo/<name>/     weights.safetensors, network.json, card.json

setup.py installs zoo/ as tengen/zoo_networks; in a checkout it lies beside the packages.
Only descriptions are read here, so no torch is needed; `supervised.trunks` loads the networks.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tengen.description import Description
from tengen.errors import UserError
from tengen.kinds import Named
from tengen.run import Run, find_run, no_run

_INSTALLED = Path(__file__).resolve().parent / "zoo_networks"
ZOO = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parent.parent / "zoo"


def zoo_folder() -> Path:
    """Where the zoo lies."""
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


def run_of(name: str, runs: Path) -> Path | None:
    """The run that `name` is, or that a network of one belongs to; None for the zoo's."""
    one = Path(name).parent.name in ("models", "checkpoints")
    return find_run(runs, str(Path(name).parent.parent) if one else name)


def resolve(name: str, runs: Path) -> Named:
    """The run or the zoo's network that `name` is the name of; `last` is the newest run, a task its zoo network."""
    if path := run_of(name, runs):
        what = Description.of_run(Run.open(path))
        return Named(name, what.kind, what.task, what.agent, path, {})
    entry, card = zoo_entry(name, runs)
    return Named(entry, card.get("kind", "agent"), card["task"], card["agent"], None, card)


def how_trained(run: Run) -> dict[str, Any]:
    """The command that began the run, without the places of files, what was changed on the way, what it began with."""
    meta = run.meta()
    command = " ".join(word if "/" not in word else Path(word).name for word in meta["argv"])
    found: dict[str, Any] = {"trained_with": "; ".join([command, *run.changes()])}
    if "began_from" in meta:
        found["began_from"] = meta["began_from"]
    return found


def origin(name: str, runs: Path) -> dict[str, Any]:
    """What is known of the network that `--trunk` names: for meta.json, and from there for the zoo's cards."""
    path = run_of(name, runs)
    known = how_trained(Run.open(path)) if path else zoo_entry(name, runs)[1]
    told = ("task", "steps", "minutes", "trained_with", "began_from")
    return {"network": path.name if path else name} | {what: known[what] for what in told if what in known}
