"""Trained networks, loaded by name."""

from __future__ import annotations

from pathlib import Path

from supervised.nets.headed import HeadedNet, build_with, load_network
from tengen.checkpoint import DamagedCheckpoint, Tree, read_checkpoint, read_newest, taken_from
from tengen.errors import UserError
from tengen.run import Run
from tengen.zoo import Located, locate, zoo_folder


def load_net(name: str, runs: Path) -> HeadedNet:
    """The network that `name` means (tengen/zoo.py: locate), whatever it was trained for."""
    return net_at(locate(name, runs))


def net_at(found: Located) -> HeadedNet:
    if (found.folder / "network.json").is_file():
        return load_network(found.folder)
    if (found.folder / "sums.json").is_file():
        try:
            tree = read_checkpoint(found.folder)
            with taken_from(found.folder):
                return _net_of(tree, str(found.folder))
        except DamagedCheckpoint as damage:
            raise UserError(str(damage)) from damage
    return net_of_run(found.folder)[0]


def net_of_zoo(entry: str) -> HeadedNet:
    """The network of an entry of the zoo."""
    return load_network(zoo_folder() / entry)


def net_of_run(path: Path) -> tuple[HeadedNet, int]:
    """The network of a run's newest good checkpoint, and its step."""
    nets: list[HeadedNet] = []
    step, _ = read_newest(Run.open(path).checkpoint_folder, lambda tree: nets.append(_net_of(tree, str(path))))
    return nets[0], step


def _net_of(tree: Tree, source: str) -> HeadedNet:
    tree = tree.get("trunk", tree)  # of a system: the part that others can use
    if "trunk" not in tree["network"]:
        raise UserError(f"{source} has no trunk that another network can use")
    return build_with(tree["network"], tree["weights"], source)
