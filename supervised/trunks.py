"""Trained networks by name, and `--trunk NAME`: a trained trunk under new heads, or with `--keep-heads` its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import nn

from supervised.nets.catalogue import reads_any_board
from supervised.nets.headed import HeadedNet, build, load_network, load_weights
from supervised.settings import Common
from tengen.checkpoint import DamagedCheckpoint, Tree, read_checkpoint, read_newest
from tengen.errors import UserError
from tengen.run import Run, find_run, read_rows
from tengen.zoo import zoo_entry, zoo_folder


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
    return net_of_zoo(zoo_entry(name, runs)[0])


def best_rated(run: Path) -> Path | None:
    """The folder of the network that stands highest on a run's ladder; None where nothing has been rated."""
    file = run / "arena.jsonl"
    rows = [row for row in read_rows(file) if "rating" in row] if file.exists() else []
    for row in sorted(rows, key=lambda row: -row["rating"]):
        folder = run / "models" / f"step-{row['step']:012}"
        if (folder / "network.json").exists():
            return folder
    return None


def net_of_zoo(entry: str) -> HeadedNet:
    """The network of an entry of the zoo."""
    return load_network(zoo_folder() / entry)


def net_of_run(path: Path) -> tuple[HeadedNet, int]:
    """The network of a run's newest good checkpoint, and its step."""
    step, tree, _ = read_newest(Run.open(path).checkpoint_folder)
    return _net_of(tree, str(path)), step


def _net_of(tree: Tree, source: str) -> HeadedNet:
    net = build(tree["network"])
    load_weights(net, tree["weights"], source)
    return net


def given_trunk(settings: Common, runs: Path, input_shape: Sequence[int]) -> HeadedNet | None:
    """The network that `--trunk` (a run or an entry of the zoo) means, if its trunk takes [*input_shape]; None without.

    Board trunks work on every size: only their planes have to be the same.
    """
    name = settings.trunk
    if not name:
        if settings.freeze_trunk or settings.keep_heads:
            option = "--freeze-trunk" if settings.freeze_trunk else "--keep-heads"
            raise UserError(f"{option} says what happens to the network of --trunk NAME; name one")
        return None
    net = load_net(name, runs)
    takes, gets = net.spec["trunk"]["input_shape"], list(input_shape)
    if takes == gets:
        return net
    if reads_any_board(net.spec["trunk"]["kind"]) and len(gets) == 3 and takes[0] == gets[0]:
        net.spec["trunk"]["input_shape"] = gets
        return net
    raise UserError(
        f"the trunk of {name} expects inputs {_shape(takes)} and this task gives {_shape(gets)}; "
        "name a run that was trained on the same kind of input"
    )


def hand_over(given: HeadedNet, net: HeadedNet, keep_heads: bool = False) -> None:
    """Load the weights of `given`'s trunk into `net`'s, strictly; with `keep_heads` those of heads that both have."""
    load_weights(net.trunk, dict(given.trunk.state_dict()), "the given trunk")
    if not keep_heads:
        return
    kept = [name for name, wanted in net.spec["heads"].items() if given.spec["heads"].get(name) == wanted]
    if not kept:
        raise UserError(
            f"--keep-heads: the given network has the heads {given.spec['heads']} and this task needs "
            f"{net.spec['heads']}; leave the option out to begin with new ones"
        )
    for name in kept:
        load_weights(net.heads[name], dict(given.heads[name].state_dict()), f"the given head '{name}'")


def has_batch_statistics(net: nn.Module) -> bool:
    return any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in net.modules())


def describe_trunk(settings: Common, net: HeadedNet) -> str:
    spec: dict[str, Any] = net.spec["trunk"]
    count = sum(p.numel() for p in net.trunk.parameters())
    frozen = ", frozen" if settings.freeze_trunk else ""
    heads = "its own heads where they fit" if settings.keep_heads else "new heads"
    return f"trunk of {settings.trunk}: {spec['kind']}, {count:,} weights{frozen}; {heads}"


def _shape(shape: Sequence[int]) -> str:
    return "[" + ", ".join(str(n) for n in shape) + "]"
