"""Who is meant by a name: a run, or a trained network of the zoo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from envs.worlds import World, find_world
from supervised.nets.headed import HeadedNet, build, load_network, load_weights
from tengen.checkpoint import DamagedCheckpoint, Tree, read_checkpoint, read_newest
from tengen.errors import UserError
from tengen.run import Run, find_run, no_run, read_rows

ZOO = Path(__file__).resolve().parent.parent / "zoo"


class Named(NamedTuple):
    """A trained agent and where it comes from."""

    net: HeadedNet
    world: World
    agent: str
    steps: int  # environment steps it was trained for
    run: Path | None  # None: from the zoo


def load_player(name: str, runs: Path) -> Named:
    """The agent that `name` means: a run's path or name, `last`, a zoo name, or a task that the zoo has."""
    facts = about(name, runs)
    if facts.get("kind") == "labels":
        raise UserError(f"{name} learned from labels and plays no world; see tengen eval and tengen plot")
    if facts.get("kind") == "selfplay":
        raise UserError(f"{name} plays a board game: tengen match {name}:200 uct:1000 --board {facts['task']}")
    if path := find_run(runs, name):
        net, step = net_of_run(path)
        return Named(net, find_world(facts["task"]), facts["agent"], step, path)
    entry, card = zoo_entry(name, runs)
    return Named(load_network(ZOO / entry), find_world(card["task"]), card["agent"], card["steps"], None)


def load_net(name: str, runs: Path) -> HeadedNet:
    """The network that `name` means, whatever it was trained for; of a run of self-play the best rated one.

    One network of a run is named by its folder: RUN/models/step-… (rated) or RUN/checkpoints/step-….
    """
    if (Path(name) / "network.json").is_file():
        return load_network(Path(name))
    if (Path(name) / "sums.json").is_file():
        try:
            return _net_of(read_checkpoint(Path(name)), name)
        except DamagedCheckpoint as damage:
            raise UserError(str(damage)) from damage
    if path := find_run(runs, name):
        if rated := best_rated(path):
            return load_network(rated)
        return net_of_run(path)[0]
    return load_network(ZOO / zoo_entry(name, runs)[0])


def best_rated(run: Path) -> Path | None:
    """The folder of the network that stands highest on a run's ladder; None where nothing has been rated."""
    file = run / "arena.jsonl"
    rows = [row for row in read_rows(file) if "rating" in row] if file.exists() else []
    for row in sorted(rows, key=lambda row: -row["rating"]):
        folder = run / "models" / f"step-{row['step']:012}"
        if (folder / "network.json").exists():
            return folder
    return None


def net_of_run(path: Path) -> tuple[HeadedNet, int]:
    """The network of a run's newest good checkpoint, and its step."""
    step, tree, _ = read_newest(Run.open(path).checkpoint_folder)
    return _net_of(tree, str(path)), step


def _net_of(tree: Tree, source: str) -> HeadedNet:
    net = build(tree["network"])
    load_weights(net, tree["weights"], source)
    return net


def zoo_entry(name: str, runs: Path) -> tuple[str, dict[str, Any]]:
    """(folder, card) of the zoo network that `name` or the task `name` means."""
    cards = zoo_cards()
    entry = name if name in cards else next((n for n, c in cards.items() if c["task"] == name.lower()), None)
    if entry is None:
        raise no_run(runs, name, cards)
    return entry, cards[entry]


def zoo_cards() -> dict[str, dict[str, Any]]:
    """name -> card of each network in the zoo."""
    cards = {}
    for path in sorted(ZOO.glob("*/card.json")):
        try:
            cards[path.parent.name] = json.loads(path.read_text())
        except json.JSONDecodeError as error:
            raise UserError(f"{path} is damaged ({error}); restore it") from error
    return cards


def task_of(name: str, runs: Path) -> str:
    """What `name` (a run, a network of one, or a network of the zoo) was trained for."""
    task: str = about(name, runs)["task"]
    return task


def about(name: str, runs: Path) -> dict[str, Any]:
    """The configuration of the run that `name` is or belongs to, else the card of the zoo's network."""
    path = run_of(name, runs)
    return Run.open(path).config() if path else zoo_entry(name, runs)[1]


def run_of(name: str, runs: Path) -> Path | None:
    """The run that `name` is, or that a network of one belongs to; None for the zoo's."""
    one = Path(name).parent.name in ("models", "checkpoints")
    return find_run(runs, str(Path(name).parent.parent) if one else name)
