"""Who is meant by a name: a run, or a trained network of the zoo."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from envs.worlds import World, find_world
from supervised.nets.headed import HeadedNet, load_network
from supervised.trunks import net_of_run
from tengen.errors import UserError
from tengen.run import find_run
from tengen.zoo import ZOO, about, zoo_entry


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
